package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// FaultFlags select the faults that a run injects.
type FaultFlags struct {
	Seed uint64

	file   string
	seeded func() bool // whether the seed was given
}

func (f *FaultFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "faults", "", "inject the faults of this `file` (docs/reference/faults.md)")
	cmd.Flags().Uint64Var(&f.Seed, "seed", faults.DefaultSeed, "seed the chance of faults with this `number` instead of the file's seed")
	f.seeded = func() bool { return cmd.Flags().Changed("seed") }
}

// Injector returns nil if no file was given.
func (f *FaultFlags) Injector() (*faults.Injector, error) {
	if f.file == "" {
		return nil, nil
	}
	script, err := faults.ReadFile(f.file)
	if err != nil {
		return nil, err
	}
	if f.seeded() {
		script.Seed = f.Seed
	}
	return script.Injector()
}

// warnOfUnmatched warns about rules that match no function of the stack.
func warnOfUnmatched(out Console, injector *faults.Injector, functions []string) {
	for _, r := range injector.Unmatched(functions) {
		out.Warn("fault %s: no function matches match.function %q, so it never applies; the functions are %s",
			r.Name, r.Function, strings.Join(functions, ", "))
	}
}
