package auth

import "math"

// ratio returns a over b, or 0 if b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return round(a / b)
}

// round rounds to three decimals.
func round(n float64) float64 { return math.Round(1000*n) / 1000 }
