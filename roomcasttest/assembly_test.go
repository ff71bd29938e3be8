package roomcasttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// writeApp makes an app that is synthesized without the CDK: its program is
// the shell. It notes every run in the file "runs".
func writeApp(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const app = `{"app": "echo run >>runs; mkdir -p $CDK_OUTDIR && echo '{\"version\":\"36.0.0\",\"artifacts\":{}}' >$CDK_OUTDIR/manifest.json"}`
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), []byte(app), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestAnAppIsSynthesizedOnceAProcess(t *testing.T) {
	t.Parallel()
	dir := writeApp(t)
	first, err := assemblyOf(dir)
	if err != nil {
		t.Fatal(err)
	}
	second, err := assemblyOf(filepath.Join(dir, "..", filepath.Base(dir)))
	if err != nil || second != first {
		t.Errorf("the second time it is in %s, %v, not in %s", second, err, first)
	}
	if runs, _ := os.ReadFile(filepath.Join(dir, "runs")); string(runs) != "run\n" {
		t.Errorf("the app ran so often: %q", runs)
	}
	if own, err := assemblyOf(first); err != nil || own != first {
		t.Errorf("the assembly itself is %s, %v", own, err)
	}
}

func TestAFolderOfNothing(t *testing.T) {
	t.Parallel()
	_, err := assemblyOf(t.TempDir())
	if err == nil || !strings.Contains(err.Error(), "manifest.json") || !strings.Contains(err.Error(), "cdk.json") {
		t.Errorf("error is %v", err)
	}
}

// What was made of an app goes with the process, also with one that is killed.
func TestTheAssemblyGoesWithTheProcess(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"exit", "kill"} {
		cmd := exec.Command(os.Args[0], "-test.run=^TestHelperProcess$")
		cmd.Env = append(os.Environ(), "ROOMCASTTEST_APP="+writeApp(t), "ROOMCASTTEST_END="+end)
		out, err := cmd.Output()
		made, _, _ := strings.Cut(string(out), "\n")
		if (err == nil) != (end == "exit") || !filepath.IsAbs(made) {
			t.Fatalf("the helper said %q and ended with %v", out, err)
		}
		Eventually(t, made+" is removed after "+end, func() bool {
			_, err := os.Stat(made)
			return os.IsNotExist(err)
		})
	}
}

// TestHelperProcess is no test but the process that
// TestTheAssemblyGoesWithTheProcess starts.
func TestHelperProcess(t *testing.T) {
	app := os.Getenv("ROOMCASTTEST_APP")
	if app == "" {
		return
	}
	made, err := assemblyOf(app)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(made, "manifest.json")); err != nil {
		t.Fatal(err)
	}
	fmt.Println(made)
	if os.Getenv("ROOMCASTTEST_END") == "kill" {
		self, _ := os.FindProcess(os.Getpid())
		_ = self.Kill()
		select {}
	}
}
