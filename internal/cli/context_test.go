package cli

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// parse reads flags as a command that runs a stack does.
func parse(t *testing.T, args ...string) StackFlags {
	t.Helper()
	var f StackFlags
	cmd := &cobra.Command{}
	f.Register(cmd)
	f.Context.RegisterOpen(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestContextOfTheApp(t *testing.T) {
	t.Parallel()
	host := map[string]any{"roomcast:target": "host"}
	for _, c := range []struct {
		name  string
		flags StackFlags
		want  map[string]any // beside the target
	}{
		{"none", parse(t), nil},
		{"open", parse(t, "--open"), map[string]any{"roomcast:auth": "open"}},
		{"several", parse(t, "-c", "a=1", "--context", "b=c=d,e", "--context", "empty="), map[string]any{"a": "1", "b": "c=d,e", "empty": ""}},
		{"one's own before the shorthand", parse(t, "--open", "-c", "roomcast:auth=token"), map[string]any{"roomcast:auth": "token"}},
	} {
		want := maps.Clone(host)
		maps.Copy(want, c.want)
		if got, err := c.flags.Context.forSynthesis(); err != nil || !maps.Equal(got, want) {
			t.Errorf("%s: %v, %v, want %v", c.name, got, err, want)
		}
	}
	for _, pair := range []string{"a", "=1", ""} {
		if _, err := parse(t, "-c", pair).Context.forSynthesis(); err == nil || !strings.Contains(err.Error(), "expected key=value") {
			t.Errorf("--context %q: %v", pair, err)
		}
	}
}

// What is synthesized already takes no context.
func TestAnAssemblyTakesNoContext(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--open"}, {"-c", "a=1"}} {
		f := parse(t, append(args, "--assembly", "cdk.out")...)
		if _, err := f.Assemble(t.Context(), Console{}); err == nil || !strings.Contains(err.Error(), "leave one of them out") {
			t.Errorf("%q: %v", args, err)
		}
	}
}

// An app whose cdk.json names a cloud assembly is run as that, and nothing is
// synthesized.
func TestAnAppThatIsAnAssembly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := filepath.Join(dir, "cdk.out")
	if err := errors.Join(os.Mkdir(made, 0o755), os.WriteFile(filepath.Join(dir, "cdk.json"), []byte(`{"app": "cdk.out"}`), 0o600)); err != nil {
		t.Fatal(err)
	}
	if got, err := parse(t, "--app", dir).Assemble(t.Context(), Console{}); err != nil || got != (Assembly{Dir: made}) {
		t.Errorf("got %+v, %v; want %q", got, err, made)
	}
	if _, err := parse(t, "--app", dir, "--open").Assemble(t.Context(), Console{}); err == nil || !strings.Contains(err.Error(), `the "app" of `+filepath.Join(dir, "cdk.json")+" names a cloud assembly") {
		t.Errorf("with --open: %v", err)
	}
}
