package auth

import "math"

// ratio returns a over b, 0 when there is no b to compare with.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return round(a / b)
}

// round rounds to what a measurement is good for.
func round(n float64) float64 { return math.Round(1000*n) / 1000 }
