package architecture

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAPIGate runs .ci/api with a go command that answers as the comparison would: a
// changed API fails, and the output says how to accept the change.
func TestAPIGate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, compare string
		fails         bool
		says          string
	}{
		{"nothing changed", "", false, ""},
		{"a function is gone", "echo '- FromEnv: removed'", true, "FromEnv: removed"},
		{"a function is new", "echo '- Close: added'", true, "run \"make api\" to accept it"},
		{"a package does not compile", "echo 'loading ./publish: undefined: x' >&2; exit 1", true, "undefined: x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tools := t.TempDir()
			script := "#!/bin/sh\ncase \"$1\" in list) echo github.com/roomcast/roomcast/publish ;; run) " + test.compare + "\n;; esac\n"
			if err := os.WriteFile(filepath.Join(tools, "go"), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command("bash", filepath.Join(root, ".ci", "api"))
			cmd.Env = append(os.Environ(), "PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"))
			out, err := cmd.CombinedOutput()
			if (err != nil) != test.fails {
				t.Errorf("ended with %v, want a failure: %v", err, test.fails)
			}
			if !strings.Contains(string(out), test.says) {
				t.Errorf("said\n%s\nwant %q in it", out, test.says)
			}
		})
	}
}
