package engines

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestStartFailureQuotesTheEngine(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sqs.mjs"), []byte(`console.error("out of luck"); process.exit(4)`), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err = (&Installation{dir: dir, node: node}).Start(t.Context(), SQS)
	for _, want := range []string{"fauxqs", "exit status 4", "out of luck", "remove the folder"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v lacks %q", err, want)
		}
	}
}
