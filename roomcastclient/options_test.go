package roomcastclient

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	url := func(context.Context) (string, error) { return "", nil }
	for name, o := range map[string]Options{
		"URL":            {},
		"Heartbeat":      {URL: url, Heartbeat: time.Millisecond},
		"RolloverAfter":  {URL: url, RolloverAfter: 3 * time.Hour},
		"RetryBase":      {URL: url, RetryBase: -1},
		"RetryMax":       {URL: url, RetryMax: -1},
		"ReplyTimeout":   {URL: url, ReplyTimeout: time.Hour},
		"CursorInterval": {URL: url, CursorInterval: -1},
		"HoleWait":       {URL: url, HoleWait: -1},
		"MaxQueued":      {URL: url, MaxQueued: -1},
	} {
		if c, err := New(o); err == nil || !strings.Contains(err.Error(), "Options."+name) {
			t.Errorf("%s: got %v, %v", name, c, err)
		}
	}
	given := Options{URL: url}
	o, err := given.withDefaults()
	if err != nil || o.Heartbeat != 5*time.Minute || o.RolloverAfter != 110*time.Minute || o.MaxQueued != 100 || o.HTTPClient == nil {
		t.Errorf("got %+v, %v", o, err)
	}
	if given.Heartbeat != 0 {
		t.Error("the caller's options were changed")
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	const base, most = 500 * time.Millisecond, 20 * time.Second
	for retry, limit := range map[int]time.Duration{1: base, 2: 2 * base, 4: 8 * base, 7: most, 50: most, 1 << 40: most} {
		var longest time.Duration
		for range 2000 {
			d := backoff(retry, base, most)
			if d < 0 || d > limit {
				t.Fatalf("retry %d waits %v, want at most %v", retry, d, limit)
			}
			longest = max(longest, d)
		}
		if longest < limit*9/10 {
			t.Errorf("retry %d waits at most %v of %v", retry, longest, limit)
		}
	}
}
