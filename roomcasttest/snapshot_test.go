package roomcasttest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a test that only notes how it failed.
type recorder struct {
	testing.TB
	failed string
}

func (r *recorder) Helper()                           {}
func (r *recorder) Errorf(format string, args ...any) { r.failed = fmt.Sprintf(format, args...) }
func (r *recorder) Fatalf(format string, args ...any) {
	r.failed = fmt.Sprintf(format, args...)
	panic(r)
}

// snapshot calls Snapshot and returns how it failed, "" if it did not.
func snapshot(t *testing.T, dir, file string, options ...Option) string {
	t.Helper()
	r := &recorder{TB: t}
	func() {
		defer func() {
			if value := recover(); value != nil && value != any(r) {
				panic(value)
			}
		}()
		Snapshot(r, dir, file, options...)
	}()
	return r.failed
}

func TestSnapshot(t *testing.T) {
	dir := t.TempDir()
	// The target shows in the template of this app: none is built.
	const app = `{"app": "cat template >$CDK_OUTDIR/Shout.template.json; mkdir $CDK_OUTDIR/assembly-Prod; echo {} >$CDK_OUTDIR/assembly-Prod/ProdShout.template.json; echo \"$CDK_CONTEXT_JSON\" >$CDK_OUTDIR/manifest.json; grep -q 'roomcast:target.:.none' $CDK_OUTDIR/manifest.json"}`
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	hash := strings.Repeat("0123456789abcdef", 4)
	write("cdk.json", app)
	write("template", `{"b": "`+hash+`.zip", "a": 1.50}`)
	file := filepath.Join(dir, "testdata", "Shout.template.json")

	if got := snapshot(t, dir, file); !strings.Contains(got, "there is no snapshot") || !strings.Contains(got, "ROOMCAST_UPDATE_SNAPSHOTS=1") {
		t.Errorf("without a file: %q", got)
	}
	t.Setenv(UpdateSnapshots, "1")
	if got := snapshot(t, dir, file); got != "" {
		t.Fatal(got)
	}
	if text, err := os.ReadFile(file); err != nil || string(text) != "{\n  \"a\": 1.50,\n  \"b\": \"<asset>.zip\"\n}\n" {
		t.Errorf("the file is %q, %v", text, err)
	}
	t.Setenv(UpdateSnapshots, "")
	if got := snapshot(t, dir, file); got != "" {
		t.Errorf("against itself: %s", got)
	}
	if got := snapshot(t, dir, filepath.Join(dir, "Other.template.json")); !strings.Contains(got, "only Shout.template.json, ProdShout.template.json") {
		t.Errorf("with another name: %s", got)
	}

	write("template", `{"b": "`+strings.Repeat("f", 64)+`.zip", "a": 1.50}`)
	if got := snapshot(t, dir, file, WithContext(map[string]any{"again": 1})); got != "" {
		t.Errorf("another asset makes a difference: %s", got)
	}
	write("template", `{"b": "x", "a": 2}`)
	want := "first in\nline 2: -   \"a\": 1.50,\n         +   \"a\": 2,\n"
	if got := snapshot(t, dir, file, WithContext(map[string]any{"again": 2})); !strings.Contains(got, want) {
		t.Errorf("another template: %s", got)
	}
}

// A cloud assembly is taken as it is, whether its folder is named or the folder
// of a cdk.json that names it.
func TestSnapshotOfAnAssembly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	made := filepath.Join(dir, "cdk.out")
	if err := os.Mkdir(made, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"cdk.json": `{"app": "cdk.out"}`, "cdk.out/manifest.json": `{}`,
		"cdk.out/Shout.template.json": `{}`, "Shout.template.json": "{}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, folder := range []string{made, dir} {
		if got := snapshot(t, folder, filepath.Join(dir, "Shout.template.json")); got != "" {
			t.Errorf("%s: %s", folder, got)
		}
	}
}

// WithIdentityProvider needs an app whose tokens come from a provider.
func TestWithIdentityProviderNeedsAProvider(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "Chat.template.json")
	for text, want := range map[string]bool{`{"ROOMCAST_AUTH_SECRET_ARN": ""}`: false, `{"ROOMCAST_AUTH_JWKS_URL": ""}`: true} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := mustAcceptProvider(dir); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}
