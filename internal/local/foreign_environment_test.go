package local

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An app with an environment has its account and region in the template in
// place of the pseudo parameters. It runs here all the same.
func TestForeignAppOfAnEnvironment(t *testing.T) {
	t.Parallel()
	dir := foreignApp(t)
	edit(t, filepath.Join(dir, "manifest.json"), "unknown-account/unknown-region", "123456789012/eu-west-1")
	template := filepath.Join(dir, "Foreign.template.json")
	flatten(t, template)
	edit(t, template, `{"Ref":"AWS::Region"}`, `"eu-west-1"`)
	edit(t, template, `{"Ref":"AWS::AccountId"}`, `"123456789012"`)
	edit(t, template, `"Principal":"apigateway.amazonaws.com",`, `"Principal":"apigateway.amazonaws.com","SourceAccount":"123456789012",`)
	c := start(t, Options{Assembly: dir})

	socket := dial(t, c.APIs()[0].WebSocketURL+"?room=lobby")
	send(t, socket, `{"action":"job","n":1}`)
	if got := receive(t, socket); got != `done: {"action":"job","n":1}` {
		t.Errorf("the worker posts %s", got)
	}
	if got := c.Outputs()["Url"]; got != c.APIs()[0].WebSocketURL {
		t.Errorf("the output is %s", got)
	}
}

// flatten takes the white space out of a file of JSON.
func flatten(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var flat bytes.Buffer
	if err := json.Compact(&flat, text); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, flat.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit replaces something that a file has to hold.
func edit(t *testing.T, file, old, replacement string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s lacks %s", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, replacement)), 0o644); err != nil {
		t.Fatal(err)
	}
}
