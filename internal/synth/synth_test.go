package synth_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/synth"
)

// app writes a folder with the given files and returns it.
func app(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const writesContext = `{
	"app": "printf %s \"$CDK_CONTEXT_JSON\" > \"$CDK_OUTDIR/manifest.json\"",
	"context": {"own": 1, "both": "cdk.json", "over": "cdk.json"}
}`

func TestRunHandsTheContextOver(t *testing.T) {
	t.Parallel()
	dir := app(t, map[string]string{
		"cdk.json":         writesContext,
		"cdk.context.json": `{"looked-up": true, "both": "cdk.context.json"}`,
	})
	out := t.TempDir()
	err := synth.Run(t.Context(), synth.Options{Dir: dir, Out: out, Context: map[string]any{"over": "option"}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"own": 1.0, "both": "cdk.json", "over": "option", "looked-up": true,
		"aws:cdk:enable-path-metadata": true,
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("context %q is %v, want %v", k, got[k], v)
		}
	}
}

func TestRunExplainsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"no cdk.json", nil, []string{"missing ", "cdk.json", "--assembly"}},
		{"broken cdk.json", map[string]string{"cdk.json": "{"}, []string{"is not valid JSON"}},
		{"no app", map[string]string{"cdk.json": "{}"}, []string{`missing "app"`, "go run ."}},
		{"app fails", map[string]string{"cdk.json": `{"app":"echo the roof is on fire >&2; exit 3"}`},
			[]string{"does not synthesize", "exit status 3", "the roof is on fire"}},
		{"build fails", map[string]string{"cdk.json": `{"build":"echo the disk is full >&2; exit 4","app":"true"}`},
			[]string{`the "build" of`, "exit status 4", "the disk is full"}},
		{"app is a folder", map[string]string{"cdk.json": `{"app":"."}`}, []string{"is the cloud assembly", "run it as it is"}},
		{"app writes nothing", map[string]string{"cdk.json": `{"app":"true"}`}, []string{"wrote no cloud assembly"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := synth.Run(t.Context(), synth.Options{Dir: app(t, c.files), Out: t.TempDir()})
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range c.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

// A cancelled run must not leave the app's own children behind.
func TestRunEndsTheWholeProcessGroup(t *testing.T) {
	t.Parallel()
	out := t.TempDir()
	dir := app(t, map[string]string{"cdk.json": `{"app":"(sleep 1; touch \"$CDK_OUTDIR/survived\") & wait"}`})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := synth.Run(ctx, synth.Options{Dir: dir, Out: out}); err == nil {
		t.Fatal("no error")
	}
	time.Sleep(1500 * time.Millisecond)
	if _, err := os.Stat(filepath.Join(out, "survived")); err == nil {
		t.Error("a child of the app was still running after the run was cancelled")
	}
}

// The app gets what the CDK CLI would pass: the result of "build", and the
// account and Region, for which the environment takes precedence.
func TestRunGivesWhatTheCLIGives(t *testing.T) {
	dir := app(t, map[string]string{"cdk.json": `{
		"build": "echo built > made",
		"app": "echo $CDK_DEFAULT_ACCOUNT $CDK_DEFAULT_REGION $(cat made) > $CDK_OUTDIR/manifest.json"
	}`})
	t.Setenv("CDK_DEFAULT_ACCOUNT", "")
	t.Setenv("CDK_DEFAULT_REGION", "eu-west-1")
	out := t.TempDir()
	err := synth.Run(t.Context(), synth.Options{Dir: dir, Out: out, Account: "000000000000", Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(out, "manifest.json")); string(got) != "000000000000 eu-west-1 built\n" {
		t.Errorf("the app finds %q", got)
	}
}

// Node.js runs a JavaScript file, as with the CDK CLI.
func TestRunOfAJavaScriptFile(t *testing.T) {
	t.Parallel()
	dir := app(t, map[string]string{
		"cdk.json": `{"app": "app.js"}`,
		"app.js":   `require("fs").writeFileSync(process.env.CDK_OUTDIR + "/manifest.json", "{}")`,
	})
	if err := synth.Run(t.Context(), synth.Options{Dir: dir, Out: t.TempDir()}); err != nil {
		t.Error(err)
	}
}

func TestAssembly(t *testing.T) {
	t.Parallel()
	dir := app(t, map[string]string{"cdk.json": `{"app": "cdk.out"}`})
	made := filepath.Join(dir, "cdk.out")
	if got, err := synth.Assembly(dir); err != nil || got != "" {
		t.Errorf("before it is made it is %q, %v", got, err)
	}
	if err := os.Mkdir(made, 0o755); err != nil {
		t.Fatal(err)
	}
	if got, err := synth.Assembly(dir); err != nil || got != made {
		t.Errorf("got %q, %v, want %q", got, err, made)
	}
	if _, err := synth.Assembly(t.TempDir()); err == nil {
		t.Error("no error for a folder of no app")
	}
}
