package bench

import (
	"math"
	"slices"
	"sync"
	"time"
)

// Latency summarises how long something took, in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// recorder collects durations from many goroutines.
type recorder struct {
	mu   sync.Mutex
	seen []time.Duration
}

func (r *recorder) add(d time.Duration) {
	r.mu.Lock()
	r.seen = append(r.seen, d)
	r.mu.Unlock()
}

// latency gives the percentiles of what was recorded.
func (r *recorder) latency() Latency {
	r.mu.Lock()
	defer r.mu.Unlock()
	return LatencyOf(r.seen)
}

// LatencyOf gives the percentiles of durations, by nearest rank. All are 0
// without any.
func LatencyOf(all []time.Duration) Latency {
	if len(all) == 0 {
		return Latency{}
	}
	sorted := slices.Sorted(slices.Values(all))
	at := func(p float64) float64 {
		rank := int(math.Ceil(p * float64(len(sorted))))
		return milliseconds(sorted[rank-1])
	}
	return Latency{P50: at(0.50), P99: at(0.99), Max: at(1)}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
