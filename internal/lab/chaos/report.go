package chaos

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Report is the result of a run as the command prints it.
type Report struct {
	Seed    uint64  `json:"seed"`
	Seconds float64 `json:"seconds"`
	Clients int     `json:"clients"`
	// Injected counts faults, Observed what clients and gateway saw.
	Injected map[string]int `json:"injected"`
	Observed map[string]int `json:"observed"`
	Quotas   []Quota        `json:"quotas"`
	// Unfinished is what was still in progress at the end, "" if nothing was.
	Unfinished string      `json:"unfinished,omitempty"`
	Violations []Violation `json:"violations"`
}

// Mistake is what the chaos test reported of a deliberate mistake.
type Mistake struct {
	Name string `json:"name"`
	What string `json:"what"`
	// Kinds are the kinds of violations of which one has to report the mistake.
	Kinds   []Kind `json:"kinds"`
	Seconds int    `json:"seconds"`
	Seed    int    `json:"seed"`
	// Violations counts the violations of the run by kind.
	Violations map[Kind]int `json:"violations"`
	Reported   bool         `json:"reported"`
}

// NewReport checks the history of a run.
func NewReport(s Schedule, r *Result) Report {
	report := Report{
		Seed: s.Seed, Seconds: s.Length.Seconds(), Clients: len(s.Plans),
		Injected: r.History.Counts, Observed: map[string]int{}, Quotas: r.Quotas, Unfinished: r.Unfinished,
		Violations: Check(r.History),
	}
	maps.Copy(report.Observed, r.Observed)
	report.Observed[Lost] = lost(report.Violations)
	if report.Violations == nil {
		report.Violations = []Violation{}
	}
	return report
}

// Err says why the run counts as failed, nil if it does not: something broke
// the promise, too little went wrong for the run to mean anything, or the stack
// did not come to rest.
func (r Report) Err() error {
	var unmet []string
	for _, q := range r.Quotas {
		if !q.Met {
			unmet = append(unmet, fmt.Sprintf("%s %d of %d", q.Name, q.Got, q.Need))
		}
	}
	switch {
	case len(r.Violations) > 0:
		return fmt.Errorf("torture: %d violations; the same schedule again: --seed %d", len(r.Violations), r.Seed)
	case r.Unfinished != "":
		return fmt.Errorf("torture: no violation, but the stack did not come to rest: %s", r.Unfinished)
	case len(unmet) > 0:
		return fmt.Errorf("torture: no violation, but too little went wrong to mean anything: %s", strings.Join(unmet, ", "))
	}
	return nil
}

// violationsShown is how many violations of a kind are written for people.
const violationsShown = 10

// Write writes the report for people.
func (r Report) Write(w io.Writer) {
	fmt.Fprintf(w, "seed %d, %.0f s, %d clients\n", r.Seed, r.Seconds, r.Clients)
	fmt.Fprintf(w, "injected  %s\n", counted(r.Injected))
	fmt.Fprintf(w, "observed  %s\n", counted(r.Observed))
	for _, q := range r.Quotas {
		met := "met"
		if !q.Met {
			met = "NOT MET"
		}
		fmt.Fprintf(w, "quota     %s: %d of %d, %s\n", q.Name, q.Got, q.Need, met)
	}
	shown := map[Kind]int{}
	for _, v := range r.Violations {
		if shown[v.Kind]++; shown[v.Kind] <= violationsShown {
			fmt.Fprintf(w, "VIOLATION %s: %s\n", v.Kind, v.What)
		}
	}
	var more []string
	for kind, n := range shown {
		if n > violationsShown {
			more = append(more, fmt.Sprintf("%d more of %s", n-violationsShown, kind))
		}
	}
	slices.Sort(more)
	for _, line := range more {
		fmt.Fprintf(w, "VIOLATION %s\n", line)
	}
	fmt.Fprintf(w, "%d violations\n", len(r.Violations))
}

func counted(counts map[string]int) string {
	var parts []string
	for _, name := range sorted(counts) {
		parts = append(parts, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return strings.Join(parts, ", ")
}
