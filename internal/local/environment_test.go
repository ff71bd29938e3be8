package local

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestEnvironmentIsMovedHere(t *testing.T) {
	t.Parallel()
	e := environment{account: "123456789012", region: "eu-west-1"}
	tests := []struct{ text, want string }{
		{"arn:aws:execute-api:eu-west-1:123456789012:abc/*$connect", "arn:aws:execute-api:us-east-1:000000000000:abc/*$connect"},
		{"arn:aws:iam::123456789012:role/in-eu-west-1", "arn:aws:iam::000000000000:role/in-eu-west-1"},
		{"arn:aws:execute-api:eu-west-1:*:*", "arn:aws:execute-api:us-east-1:*:*"},
		{"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations",
			"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"},
		{`{"Resource":"arn:aws:sqs:eu-west-1:123456789012:q"}`, `{"Resource":"arn:aws:sqs:us-east-1:000000000000:q"}`},
		{"https://sqs.eu-west-1.amazonaws.com/123456789012/q", queueURL + "q"},
		{"123456789012", account},
		{"eu-west-1", region},
		// Not the stack's own, or no place.
		{"arn:aws:sqs:us-west-2:999999999999:q", "arn:aws:sqs:us-west-2:999999999999:q"},
		{"arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/AdministratorAccess"},
		{"table-123456789012-eu-west-1", "table-123456789012-eu-west-1"},
		{"", ""},
	}
	for _, test := range tests {
		got := e.localize(map[string]any{"a": []any{test.text, true}})
		if want := map[string]any{"a": []any{test.want, true}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%q becomes %v, want %v", test.text, got, want)
		}
	}
	if got := (environment{region: "eu-west-1"}).localize("arn:aws:sqs:eu-west-1:123456789012:q"); got != "arn:aws:sqs:us-east-1:123456789012:q" {
		t.Errorf("with a region alone the ARN becomes %v", got)
	}
}

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
func edit(t *testing.T, file, old, new string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s lacks %s", file, old)
	}
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), old, new)), 0o644); err != nil {
		t.Fatal(err)
	}
}
