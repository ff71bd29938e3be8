package examples

import (
	"debug/elf"
	"os"
	"testing"
)

// TestImport goes the way of a user: it gets a release of Roomcast as a module
// and synthesizes examples/importing with it.
func TestImport(t *testing.T) {
	t.Parallel()
	const root = ".."
	version, proxy := release(t, root)
	a := newApp(t, "importing", version, proxy)

	t.Run("for Lambda", func(t *testing.T) {
		for _, f := range expectFunctions(t, a.synthesize(t, "lambda")) {
			program, err := elf.Open(f.bootstrap)
			if err != nil {
				t.Fatal(err)
			}
			if program.Machine != elf.EM_AARCH64 {
				t.Errorf("the function %s is built for %s, want arm64", f.Handler, program.Machine)
			}
			program.Close()
		}
	})
	t.Run("for this machine", func(t *testing.T) {
		for _, f := range expectFunctions(t, a.synthesize(t, "host")) {
			expectStarts(t, f)
		}
	})
}

// expectFunctions checks that there are Roomcast's functions, all in one
// program, and the app's own in another, and that both can be executed.
func expectFunctions(t *testing.T, functions []function) []function {
	t.Helper()
	programs := map[string]int{}
	for _, f := range functions {
		programs[f.bootstrap]++
		info, err := os.Stat(f.bootstrap)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode()&0o111 == 0 {
			t.Errorf("%s cannot be executed: %v", f.bootstrap, info.Mode())
		}
	}
	if len(functions) != 10 || len(programs) != 2 {
		t.Errorf("got %d functions and %d programs, want 10 and 2", len(functions), len(programs))
	}
	for _, f := range functions {
		if want := map[bool]int{true: 1, false: 9}[f.Handler == "bootstrap"]; programs[f.bootstrap] != want {
			t.Errorf("the program of %s serves %d functions, want %d", f.Handler, programs[f.bootstrap], want)
		}
	}
	return functions
}
