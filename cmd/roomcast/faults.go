package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// faultFlags say what is to go wrong in a run.
type faultFlags struct {
	file   string
	seed   uint64
	seeded func() bool // whether the seed was given
}

func (f *faultFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "faults", "", "inject the faults of this `file` (docs/reference/faults.md)")
	cmd.Flags().Uint64Var(&f.seed, "seed", faults.DefaultSeed, "decide the chance of faults by this `number`, not by that of the file")
	f.seeded = func() bool { return cmd.Flags().Changed("seed") }
}

// injector returns nil when no file was given.
func (f *faultFlags) injector() (*faults.Injector, error) {
	if f.file == "" {
		return nil, nil
	}
	script, err := faults.ReadFile(f.file)
	if err != nil {
		return nil, err
	}
	if f.seeded() {
		script.Seed = f.seed
	}
	return script.Injector()
}

// warnOfUnmatched warns of the rules that no function of the stack can meet.
func warnOfUnmatched(out console, injector *faults.Injector, functions []string) {
	for _, r := range injector.Unmatched(functions) {
		out.warn("fault %s: no function matches match.function %q, so it never applies; the functions are %s",
			r.Name, r.Function, strings.Join(functions, ", "))
	}
}

// reportFaults says how often each rule has been applied.
func reportFaults(w io.Writer, counts []faults.Count) {
	for _, c := range counts {
		fmt.Fprintf(w, "· fault %s: injected into %d of %d calls\n", c.Rule, c.Injected, c.Matched)
	}
}
