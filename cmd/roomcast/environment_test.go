package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The lines that `roomcast up` prints can be pasted into a shell.
func TestAnnouncedEnvironmentIsForAShell(t *testing.T) {
	t.Parallel()
	var printed strings.Builder
	announceEnvironment(&printed, map[string]string{"A_URL": "http://127.0.0.1:1", "A_KEY": "it's $x; y", "A_TOKEN": ""})
	_, lines, _ := strings.Cut(printed.String(), "\n")
	cmd := exec.Command("sh", "-c", lines+`echo "$A_URL $A_KEY $A_TOKEN."; env`)
	cmd.Env = []string{"A_TOKEN=of an account"}
	out, err := cmd.Output()
	if err != nil || !strings.HasPrefix(string(out), "http://127.0.0.1:1 it's $x; y .\n") || !strings.Contains(string(out), "A_URL=http://127.0.0.1:1\n") {
		t.Errorf("%v: %s of\n%s", err, out, printed.String())
	}
}
