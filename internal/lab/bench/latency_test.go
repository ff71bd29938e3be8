package bench

import (
	"testing"
	"time"
)

func TestLatencyIsByNearestRank(t *testing.T) {
	t.Parallel()
	var r recorder
	if got := r.latency(); got != (Latency{}) {
		t.Errorf("of nothing: %+v", got)
	}
	for i := 100; i >= 1; i-- {
		r.add(time.Duration(i) * time.Millisecond)
	}
	if got, want := r.latency(), (Latency{P50: 50, P99: 99, Max: 100}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
