package fanout

import (
	"math"
	"slices"
	"time"
)

// Times summarises a few measurements of the same thing, in milliseconds.
type Times struct {
	P50 float64 `json:"p50"`
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

// timesOf returns the spread of durations, with the lower of two medians. All
// are 0 without any.
func timesOf(all []time.Duration) Times {
	if len(all) == 0 {
		return Times{}
	}
	sorted := slices.Sorted(slices.Values(all))
	return Times{
		P50: milliseconds(sorted[(len(sorted)-1)/2]), Min: milliseconds(sorted[0]), Max: milliseconds(sorted[len(sorted)-1]),
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// ratio returns a over b, 0 when there is no b to compare with. It is rounded
// to what a measurement is good for.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return math.Round(1000*a/b) / 1000
}
