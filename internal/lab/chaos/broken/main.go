// Command broken makes deliberate mistakes in Roomcast's code, one at a time, and
// runs the chaos test on each: a checker that finds nothing proves nothing.
//
//	go run ./internal/lab/chaos/broken --seconds 60 --seed 7 [NAME ...]
//
// It makes each mistake in a copy of the repository and runs the app of the copy.
// It fails if a mistake is not reported by a violation of its own kind.
package main

import (
	"bytes"
	"cmp"
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

	"github.com/roomcast/roomcast/internal/lab/chaos"
	"github.com/roomcast/roomcast/internal/lab/results"
)

func main() {
	seconds := flag.Int("seconds", 60, "length of each run")
	seed := flag.Int("seed", 7, "seed of each run's schedule")
	save := flag.String("save", "", "write a result file for each mistake into this `folder`, for the report")
	flag.Parse()
	if err := run(*seconds, *seed, *save, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "broken:", err)
		os.Exit(1)
	}
}

func run(seconds, seed int, save string, names []string) error {
	chosen, err := choose(names)
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "roomcast-broken-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	command := filepath.Join(temp, "roomcast-lab") // of the repository, without a mistake
	build := exec.Command("go", "build", "-o", command, "./cmd/roomcast-lab")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the command (start this at the top of the repository): %w", err)
	}
	var unreported []string
	for _, m := range chosen {
		found, err := m.attack(command, temp, seconds, seed)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		fmt.Printf("%-14s %s\n%14s %s\n", m.name, m.what, "", found)
		for _, kind := range slices.Sorted(maps.Keys(found.example)) {
			fmt.Printf("%14s %s: %s\n", "", kind, found.example[kind])
		}
		reported := slices.ContainsFunc(m.kinds, func(kind chaos.Kind) bool { return found.byKind[kind] > 0 })
		if !reported {
			fmt.Printf("%14s NOT REPORTED as %v\n", "", m.kinds)
			unreported = append(unreported, m.name)
		}
		if save != "" {
			result := chaos.Mistake{Name: m.name, What: m.what, Kinds: m.kinds, Seconds: seconds, Seed: seed, Violations: found.byKind, Reported: reported}
			f, err := results.New("broken", fmt.Sprintf("go run ./internal/lab/chaos/broken --seconds %d --seed %d %s", seconds, seed, m.name), result)
			if err != nil {
				return err
			}
			if err := f.Save(filepath.Join(save, "mistake-"+m.name+".json")); err != nil {
				return err
			}
		}
	}
	if len(unreported) > 0 {
		return fmt.Errorf("not reported: %s", strings.Join(unreported, ", "))
	}
	fmt.Printf("%d of %d mistakes reported, each by its own kind\n", len(chosen), len(chosen))
	return nil
}

// choose returns the mistakes of these names, all of them for none. Each must
// still fit the code: a mistake that was not made would go unreported for a
// wrong reason.
func choose(names []string) ([]mutant, error) {
	for _, name := range names {
		if !slices.ContainsFunc(mutants, func(m mutant) bool { return m.name == name }) {
			return nil, fmt.Errorf("invalid mistake %q: expected one of %s", name, strings.Join(mutantNames(), ", "))
		}
	}
	var chosen []mutant
	var misfits error
	for _, m := range mutants {
		if len(names) > 0 && !slices.Contains(names, m.name) {
			continue
		}
		if _, err := m.apply(m.file); err != nil {
			misfits = errors.Join(misfits, fmt.Errorf("%s: %w", m.name, err))
		}
		chosen = append(chosen, m)
	}
	return chosen, misfits
}

// attack runs the stack of a copy that has the mistake, and returns the
// violations.
func (m mutant) attack(command, temp string, seconds, seed int) (violations, error) {
	// Always in the same folder, so that the build cache has what is unchanged.
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
		return violations{}, fmt.Errorf("%w; standard error: %s", decodeErr, stderr.String())
	}
	return found, nil
}

// violations counts what was found by kind, with one example of each.
type violations struct {
	total   int
	byKind  map[chaos.Kind]int
	example map[chaos.Kind]string
}

func decodeViolations(line []byte) (violations, error) {
	var report struct {
		Violations []chaos.Violation `json:"violations"`
	}
	if err := json.Unmarshal(line, &report); err != nil || report.Violations == nil {
		return violations{}, errors.New("the run ended without a report")
	}
	v := violations{total: len(report.Violations), byKind: map[chaos.Kind]int{}, example: map[chaos.Kind]string{}}
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
	kinds := slices.SortedFunc(maps.Keys(v.byKind), func(a, b chaos.Kind) int {
		return cmp.Or(cmp.Compare(v.byKind[b], v.byKind[a]), cmp.Compare(a, b))
	})
	var counts []string
	for _, kind := range kinds {
		counts = append(counts, fmt.Sprintf("%s %d", kind, v.byKind[kind]))
	}
	return fmt.Sprintf("%d violations: %s", v.total, strings.Join(counts, ", "))
}
