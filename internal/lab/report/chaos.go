package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/lab/chaos"
	"github.com/roomcast/roomcast/internal/lab/results"
)

func (p *page) chaos(files []results.File) error {
	var reports []chaos.Report
	err := each(files, func(_ results.File, r chaos.Report) { reports = append(reports, r) })
	slices.SortStableFunc(reports, func(a, b chaos.Report) int { return int(a.Seed) - int(b.Seed) })
	var rows [][]string
	for _, r := range reports {
		in, seen := r.Injected, r.Observed
		row := []string{number(int64(r.Seed), 0)}
		for _, n := range []int{
			in[chaos.Kills], in[chaos.Freezes], in[chaos.LateWrites], in[chaos.ClockErrors], in[chaos.Dropped] + in[chaos.Broken], in[chaos.Throttles] + in[chaos.Errors],
			seen[chaos.Splits], seen["acked"], seen["deliveries"], seen["recoveries"], len(r.Violations),
		} {
			row = append(row, number(n, 0))
		}
		rows = append(rows, row)
	}
	p.table([]string{"seed", "functions killed", "frozen", "late writes", "wrong clocks", "sockets dropped", "throttled or failed calls", "splits", "messages acknowledged", "deliveries", "recoveries", "violations"}, rows)
	return err
}

func (p *page) mistakes(files []results.File) error {
	var rows [][]string
	err := each(files, func(_ results.File, m chaos.Mistake) {
		var kinds []string
		for _, kind := range m.Kinds {
			kinds = append(kinds, "`"+string(kind)+"`")
		}
		var counts []string
		for _, kind := range m.Kinds {
			if n := m.Violations[kind]; n > 0 {
				counts = append(counts, number(n, 0))
			}
		}
		others := 0
		for kind, n := range m.Violations {
			if !slices.Contains(m.Kinds, kind) {
				others += n
			}
		}
		count := strings.Join(counts, ", ")
		if !m.Reported {
			count = "not reported"
		}
		rows = append(rows, []string{"`" + m.Name + "`", m.What, strings.Join(kinds, " or "), count, number(others, 0), fmt.Sprintf("%d s", m.Seconds)})
	})
	p.text("\nA checker that finds nothing proves nothing. Each of these mistakes is made in a copy of the repository, and has to be reported by a violation of its own kind.\n")
	p.table([]string{" mistake", " what it does", " reported as", "violations", "of other kinds", "length"}, rows)
	return err
}
