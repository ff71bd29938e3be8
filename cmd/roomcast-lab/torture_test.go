package main

import (
	"github.com/roomcast/roomcast/internal/cli"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNarrowAssembly: the assembly that torture runs is whole until it is
// removed, also when it was synthesized for the run.
func TestNarrowAssembly(t *testing.T) {
	const manifest, template = `{"version":"48.0.0"}`, `{"Resources":{"Send":{"Properties":{"Environment":{"Variables":{"ROOMCAST_DIRECT_LIMIT":"100","ROOMCAST_SHARD_SIZE":"500","ROOMCAST_MAX_RECEIVE_COUNT":"5"}}}}}}`
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	app := t.TempDir()
	for name, text := range map[string]string{
		"cdk.json": `{"app":"cp manifest.json Chat.template.json $CDK_OUTDIR"}`, "manifest.json": manifest, "Chat.template.json": template,
	} {
		if err := os.WriteFile(filepath.Join(app, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, flags := range map[string]cli.StackFlags{"synthesized": {App: app}, "given": {Assembly: app}} {
		narrow, remove, err := narrowAssembly(t.Context(), flags, cli.Console{Progress: io.Discard})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if text, err := os.ReadFile(filepath.Join(narrow, "manifest.json")); err != nil || string(text) != manifest {
			t.Errorf("%s: the manifest is %q, %v", name, text, err)
		}
		if text, err := os.ReadFile(filepath.Join(narrow, "Chat.template.json")); err != nil || !strings.Contains(string(text), `"ROOMCAST_SHARD_SIZE":"10"`) {
			t.Errorf("%s: the template is %s, %v", name, text, err)
		}
		if err := remove(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
			t.Errorf("%s: left behind are %v, %v", name, left, err)
		}
		if _, err := os.Stat(filepath.Join(app, "manifest.json")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
