package chaos

import (
	"slices"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// Also the shortest run has a wave and a storm, which end before it does.
func TestBeats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		length time.Duration
		want   int
	}{{time.Second, 1}, {20 * time.Second, 1}, {time.Minute, 4}, {quotaLength, 20}} {
		at := beats(NewSchedule(1, time.Second).random("beats"), 15*time.Second, c.length)
		if len(at) != c.want || !slices.IsSorted(at) || at[0] < c.length/100 || at[len(at)-1] >= c.length {
			t.Errorf("in %v: %v, want %d", c.length, at, c.want)
		}
	}
	for seed := range uint64(20) {
		for _, length := range []time.Duration{time.Second, 20 * time.Second, quotaLength} {
			for _, storm := range NewSchedule(seed, length).storms() {
				if storm.From <= 0 || storm.Until > length {
					t.Errorf("seed %d: of %v, a storm is from %v to %v", seed, length, storm.From, storm.Until)
				}
			}
		}
	}
}

func TestStormsOf(t *testing.T) {
	t.Parallel()
	got := stormsOf([]faults.Count{
		{Rule: "stormed429s 1", Injected: stormLeast}, {Rule: "stormed429s 2", Injected: stormLeast - 1},
		{Rule: "throttles 3", Injected: 100}, {Rule: "stormed429s 4", Injected: 100},
	})
	if got != 2 {
		t.Errorf("there were %d storms, want 2", got)
	}
}
