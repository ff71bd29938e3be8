package main

import (
	"strings"
	"testing"
)

func TestRestoredTarget(t *testing.T) {
	t.Parallel()
	const outputs = `{"Chat":{"MessageTableName":"chat-messages"},"Bare":{"Url":"x"}}`
	for name, test := range map[string]struct {
		flags restoredFlags
		want  string // the table, or what the error says
	}{
		"nothing named":              {restoredFlags{}, "which table was restored?"},
		"a table":                    {restoredFlags{table: "restored"}, "restored"},
		"outputs":                    {restoredFlags{outputs: "-"}, "chat-messages"},
		"a table beside them":        {restoredFlags{outputs: "-", table: "restored"}, "restored"},
		"an unknown stack":           {restoredFlags{outputs: "-", stack: "Other"}, `invalid --stack "Other"`},
		"a file that is not there":   {restoredFlags{outputs: "/nowhere/outputs.json"}, "no such file"},
		"a stack without the output": {restoredFlags{outputs: "-", stack: "Bare"}, "the stack Bare has no output MessageTableName: call AddOutputs"},
	} {
		table, _, err := test.flags.target(strings.NewReader(outputs))
		got := table
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// The table of a run without outputs can be named, and the line of `roomcast up`
// says how to reach it.
func TestRestoredTargetOfARunWithoutOutputs(t *testing.T) {
	t.Parallel()
	const line = `{"ready":true,"outputs":{},"environment":{"AWS_ENDPOINT_URL":"http://127.0.0.1:1"}}`
	table, environment, err := restoredFlags{outputs: "-", table: "restored"}.target(strings.NewReader(line))
	if err != nil || table != "restored" || environment["AWS_ENDPOINT_URL"] != "http://127.0.0.1:1" {
		t.Errorf("got %q, %v, %v", table, environment, err)
	}
	if _, _, err := (restoredFlags{outputs: "-"}).target(strings.NewReader(line)); err == nil || !strings.Contains(err.Error(), "MessageTableName") {
		t.Errorf("without the table: %v", err)
	}
}
