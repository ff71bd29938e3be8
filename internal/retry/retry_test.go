package retry

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"
)

func TestLimitDoublesUpToTheMaximum(t *testing.T) {
	t.Parallel()
	const base, most = 50 * time.Millisecond, 700 * time.Millisecond
	for n, want := range map[int]time.Duration{
		0: base, 1: 2 * base, 3: 8 * base, 4: most, 5: most, 1000: most, math.MaxInt: most,
	} {
		if got := Limit(base, most, n); got != want {
			t.Errorf("the limit of retry %d is %v, want %v", n, got, want)
		}
	}
	if got := Limit(time.Second, time.Minute, 2); got != 4*time.Second {
		t.Errorf("got %v", got)
	}
	if got := Limit(most, base, 0); got != base {
		t.Errorf("a base above the maximum gives %v, want %v", got, base)
	}
	if got := Limit(math.MaxInt64/2+1, math.MaxInt64, 1); got <= 0 {
		t.Errorf("the limit overflows: %v", got)
	}
}

func TestJitterUsesTheWholeRange(t *testing.T) {
	t.Parallel()
	var low, high bool
	for range 2000 {
		d := FullJitter(time.Second, time.Hour, 1)
		if d < 0 || d >= 2*time.Second {
			t.Fatalf("FullJitter returns %v, want at least 0 and less than 2s", d)
		}
		low, high = low || d < time.Second/2, high || d > 3*time.Second/2
		if d := Between(time.Second, 2*time.Second); d < time.Second || d > 2*time.Second {
			t.Fatalf("Between returns %v, want 1s to 2s", d)
		}
	}
	if !low || !high {
		t.Error("waits are not spread over the whole range")
	}
	if d := Between(time.Second, time.Second); d != time.Second {
		t.Errorf("Between(1s, 1s) = %v", d)
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		if err := Sleep(t.Context(), time.Minute); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Sleep returns %v after %v, want nil after 1m", err, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if err := Sleep(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("Sleep returns %v after %v, want the context's error after 1s", err, time.Since(began))
		}
	})
}
