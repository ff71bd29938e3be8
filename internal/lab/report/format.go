package report

import (
	"fmt"
	"strconv"
	"strings"
)

// none stands in a table for a figure that a run does not have.
const none = ""

// number writes a number with so many decimals and with commas.
func number[N int | int64 | float64](n N, decimals int) string {
	text := strconv.FormatFloat(float64(n), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// ms writes milliseconds with two or three significant digits, none for 0.
func ms(n float64) string {
	switch {
	case n == 0:
		return none
	case n < 10:
		return number(n, 1) + " ms"
	default:
		return number(n, 0) + " ms"
	}
}

// ratio writes how many times as much something is, none for 0.
func ratio(n float64) string {
	if n == 0 {
		return none
	}
	return number(n, 2)
}

// percent writes a part of 1.
func percent(part float64) string { return fmt.Sprintf("%.1f %%", 100*part) }

// kilobytes writes bytes in thousands.
func kilobytes(n float64) string {
	if n < 100_000 {
		return number(n/1000, 1) + " KB"
	}
	return number(n/1000, 0) + " KB"
}
