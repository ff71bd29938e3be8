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

// timesOf summarises durations, with the lower of two medians. It returns zeros
// for none.
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

// ratio returns a over b, rounded to three decimals, or 0 if b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return math.Round(1000*a/b) / 1000
}
