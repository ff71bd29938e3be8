package gobuild

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	first, err := Placeholder()
	if err != nil {
		t.Fatal(err)
	}
	if second, err := Placeholder(); err != nil || second != first {
		t.Errorf("the second time it is %q, %v, want %q", second, err, first)
	}
	said, err := exec.Command(filepath.Join(first, "bootstrap")).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "was not built") {
		t.Errorf("it said %q, %v", said, err)
	}
}
