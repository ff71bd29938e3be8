package fanout

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblyedit"
)

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestDivertChangesWhereFunctionsPostAndNothingElse(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), t.TempDir()
	const template = `{"Resources": {
		"Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"StageName": "prod"}},
		"Send": {"Properties": {"Environment": {"Variables": {"ROOMCAST_CALLBACK_URL": {"Fn::Join": []}, "OTHER": "x"}}}},
		"Direct": {"Properties": {"Handler": "direct", "Environment": {"Variables": {"ROOMCAST_CALLBACK_URL": "as it was"}}}},
		"Silent": {"Properties": {"Environment": {"Variables": {"OTHER": "x"}}}}}}`
	write(t, from, "App.template.json", template)
	write(t, from, "manifest.json", "{}")
	if err := Divert(from, to, "127.0.0.1:1234", "direct"); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(to, "App.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if url := assemblyedit.At(got, "Resources", "Send", "Properties", "Environment", "Variables", "ROOMCAST_CALLBACK_URL"); url != "http://127.0.0.1:1234/prod" {
		t.Errorf("posts to %v", url)
	}
	if url := assemblyedit.At(got, "Resources", "Direct", "Properties", "Environment", "Variables", "ROOMCAST_CALLBACK_URL"); url != "as it was" {
		t.Errorf("a function that was not to be diverted posts to %v", url)
	}
	if url := assemblyedit.At(got, "Resources", "Silent", "Properties", "Environment", "Variables", "ROOMCAST_CALLBACK_URL"); url != nil {
		t.Errorf("a function that posted nowhere posts to %v", url)
	}
	for name, want := range map[string]string{filepath.Join(from, "App.template.json"): template, filepath.Join(to, "manifest.json"): "{}"} {
		if data, err := os.ReadFile(name); err != nil || string(data) != want {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

func TestDivertRefusesAnAppThatPostsNowhere(t *testing.T) {
	t.Parallel()
	from := t.TempDir()
	write(t, from, "App.template.json", `{"Resources": {}}`)
	if err := Divert(from, t.TempDir(), "127.0.0.1:1234"); err == nil || !strings.Contains(err.Error(), "ROOMCAST_CALLBACK_URL") {
		t.Errorf("got %v", err)
	}
}
