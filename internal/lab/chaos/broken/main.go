// Command broken breaks Roomcast's code on purpose, one way after the other,
// and lets the checker of package chaos loose on each: one that finds nothing
// proves nothing.
//
//	go run ./internal/lab/chaos/broken --seconds 60 --seed 1 [NAME …]
//
// The files of the repository are not touched: each mistake is made in a copy,
// whose app is run. It fails when a mistake goes unnoticed.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	seconds := flag.Int("seconds", 60, "how long each run takes")
	seed := flag.Int("seed", 1, "the schedule of each run")
	flag.Parse()
	if err := run(*seconds, *seed, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "broken:", err)
		os.Exit(1)
	}
}

func run(seconds, seed int, names []string) error {
	temp, err := os.MkdirTemp("", "roomcast-broken-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	command := filepath.Join(temp, "roomcast") // as it is in the repository, and unbroken
	build := exec.Command("go", "build", "-o", command, "./cmd/roomcast-lab")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the command (start this at the top of the repository): %w", err)
	}
	for _, name := range names {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return m.name == name }) {
			return fmt.Errorf("no way of breaking is called %q, there are: %s", name, strings.Join(mutantNames(), ", "))
		}
	}
	var unnoticed []string
	for _, m := range mutants {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		found, err := m.torture(command, temp, seconds, seed)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Printf("%-14s %s\n%14s %s\n", m.name, m.what, "", found)
		for _, kind := range slices.Sorted(maps.Keys(found.example)) {
			fmt.Printf("%14s %s: %s\n", "", kind, found.example[kind])
		}
		if found.total == 0 {
			unnoticed = append(unnoticed, m.name)
		}
	}
	if len(unnoticed) > 0 {
		return fmt.Errorf("unnoticed: %s", strings.Join(unnoticed, ", "))
	}
	return nil
}

// torture runs the stack of a copy that has the mistake, and returns what was
// found.
func (m mutant) torture(command, temp string, seconds, seed int) (violations, error) {
	// Always in the same place, so that the compiler knows what has not changed.
	app := filepath.Join(temp, "app")
	if err := os.RemoveAll(app); err != nil {
		return violations{}, err
	}
	if err := m.copy(".", app); err != nil {
		return violations{}, err
	}
	cmd := exec.Command(command, "torture", "--app", app, "--json", fmt.Sprintf("--seconds=%d", seconds), fmt.Sprintf("--seed=%d", seed))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var failed *exec.ExitError
	if err != nil && !errors.As(err, &failed) {
		return violations{}, err
	}
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	found, decodeErr := decodeViolations(lines[len(lines)-1])
	if decodeErr != nil {
		return violations{}, fmt.Errorf("%w; it said: %s", decodeErr, stderr.String())
	}
	return found, nil
}

// violations counts what was found by kind, with one example of each.
type violations struct {
	total   int
	byKind  map[string]int
	example map[string]string
}

func decodeViolations(line []byte) (violations, error) {
	var report struct {
		Violations []struct{ Kind, What string } `json:"violations"`
	}
	if err := json.Unmarshal(line, &report); err != nil || report.Violations == nil {
		return violations{}, errors.New("the run ended without a report")
	}
	v := violations{total: len(report.Violations), byKind: map[string]int{}, example: map[string]string{}}
	for _, found := range report.Violations {
		if v.byKind[found.Kind] == 0 {
			v.example[found.Kind] = found.What
		}
		v.byKind[found.Kind]++
	}
	return v, nil
}

// String lists the kinds, the most frequent first.
func (v violations) String() string {
	if v.total == 0 {
		return "0 violations"
	}
	var kinds []string
	for kind := range v.byKind {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		if v.byKind[a] != v.byKind[b] {
			return v.byKind[b] - v.byKind[a]
		}
		return strings.Compare(a, b)
	})
	for i, kind := range kinds {
		kinds[i] = fmt.Sprintf("%s %d", kind, v.byKind[kind])
	}
	return fmt.Sprintf("%d violations: %s", v.total, strings.Join(kinds, ", "))
}
