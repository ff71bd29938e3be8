// Package gobench reads what Go benchmarks print.
package gobench

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Result is the output of one run of go test -bench.
type Result struct {
	Benchmarks []Benchmark `json:"benchmarks"`
}

// Benchmark is one line of the output.
type Benchmark struct {
	// Name is the benchmark's name without "Benchmark" and without the number
	// of CPUs.
	Name    string   `json:"name"`
	Runs    int      `json:"runs"`
	Figures []Figure `json:"figures"`
}

// Figure is one of a benchmark's figures.
type Figure struct {
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
}

// Figure returns the figure of a unit, such as ns/op, or 0.
func (b Benchmark) Figure(unit string) float64 {
	for _, f := range b.Figures {
		if f.Unit == unit {
			return f.Value
		}
	}
	return 0
}

// String returns the benchmark as one line.
func (b Benchmark) String() string {
	var parts []string
	for _, f := range b.Figures {
		parts = append(parts, fmt.Sprintf("%g %s", f.Value, f.Unit))
	}
	return fmt.Sprintf("%s, %d runs: %s", b.Name, b.Runs, strings.Join(parts, ", "))
}

var line = regexp.MustCompile(`^Benchmark(\S+?)(?:-\d+)?\s+(\d+)\s+(.*)$`)

// Parse reads the lines of benchmarks, and skips all others.
func Parse(output string) Result {
	var r Result
	for text := range strings.Lines(output) {
		found := line.FindStringSubmatch(strings.TrimSpace(text))
		if found == nil {
			continue
		}
		runs, err := strconv.Atoi(found[2])
		if err != nil {
			continue
		}
		b := Benchmark{Name: found[1], Runs: runs}
		fields := strings.Fields(found[3])
		for i := 0; i+1 < len(fields); i += 2 {
			if value, err := strconv.ParseFloat(fields[i], 64); err == nil {
				b.Figures = append(b.Figures, Figure{value, fields[i+1]})
			}
		}
		r.Benchmarks = append(r.Benchmarks, b)
	}
	return r
}
