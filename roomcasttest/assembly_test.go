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
	first, err := assemblyOf(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := assemblyOf(filepath.Join(dir, "..", filepath.Base(dir)), nil)
	if err != nil || second != first {
		t.Errorf("the second time it is in %s, %v, not in %s", second, err, first)
	}
	if runs, _ := os.ReadFile(filepath.Join(dir, "runs")); string(runs) != "run\n" {
		t.Errorf("the app ran so often: %q", runs)
	}
	if own, err := assemblyOf(first, nil); err != nil || own != first {
		t.Errorf("the assembly itself is %s, %v", own, err)
	}
}

// Each context has an assembly of its own, which is synthesized with it.
func TestAnAppIsSynthesizedForEachContext(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const app = `{"app": "echo \"$CDK_CONTEXT_JSON\" >$CDK_OUTDIR/manifest.json", "context": {"roomcast:auth": "token", "other": 1}}`
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), []byte(app), 0o600); err != nil {
		t.Fatal(err)
	}
	made := map[string]string{}
	for name, options := range map[string][]Option{
		"none": nil, "open": {WithOpenAuth()}, "both": {WithContext(map[string]any{"a": 2}), WithOpenAuth(), WithContext(map[string]any{"a": 3})},
	} {
		var conf config
		for _, option := range options {
			option(&conf)
		}
		for range 2 {
			assembly, err := assemblyOf(dir, conf.context)
			if err != nil {
				t.Fatal(err)
			}
			if made[name] != "" && made[name] != assembly {
				t.Errorf("%s is synthesized twice", name)
			}
			made[name] = assembly
		}
	}
	for name, want := range map[string]string{"none": `"roomcast:auth":"token"`, "open": `"roomcast:auth":"open"`, "both": `"a":3`} {
		got, err := os.ReadFile(filepath.Join(made[name], "manifest.json"))
		if err != nil || !strings.Contains(string(got), want) || !strings.Contains(string(got), `"other":1`) {
			t.Errorf("the context of %s is %s, %v, want in it %s", name, got, err, want)
		}
	}
	if made["none"] == made["open"] || made["open"] == made["both"] {
		t.Errorf("contexts share an assembly: %v", made)
	}
	if _, err := assemblyOf(made["none"], map[string]any{"a": 1}); err == nil || !strings.Contains(err.Error(), "leave WithOpenAuth and WithContext out") {
		t.Errorf("an assembly with a context: %v", err)
	}
}

// The app of a cdk.json may be a cloud assembly, as for the CDK CLI.
func TestAnAppThatIsAnAssembly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := filepath.Join(dir, "cdk.out")
	if err := os.Mkdir(made, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cdk.json"), []byte(`{"app": "cdk.out"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := assemblyOf(dir, nil); err != nil || got != made {
		t.Errorf("got %q, %v, want %q", got, err, made)
	}
	if _, err := assemblyOf(dir, map[string]any{"a": 1}); err == nil || !strings.Contains(err.Error(), "leave WithOpenAuth and WithContext out") {
		t.Errorf("with a context: %v", err)
	}
}

func TestAFolderOfNothing(t *testing.T) {
	t.Parallel()
	_, err := assemblyOf(t.TempDir(), nil)
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
	made, err := assemblyOf(app, nil)
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
