package main

import (
	"strings"
	"testing"
)

func TestRestoredTarget(t *testing.T) {
	t.Parallel()
	const outputs = `{"Chat":{"MessageTableName":"chat-messages"}}`
	for name, test := range map[string]struct {
		flags restoredFlags
		want  string // the table, or what the error says
	}{
		"nothing named":            {restoredFlags{}, "which table was restored?"},
		"a table":                  {restoredFlags{table: "restored"}, "restored"},
		"outputs":                  {restoredFlags{outputs: "-"}, "chat-messages"},
		"a table beside them":      {restoredFlags{outputs: "-", table: "restored"}, "restored"},
		"an unknown stack":         {restoredFlags{outputs: "-", stack: "Other"}, `no stack "Other"`},
		"a file that is not there": {restoredFlags{outputs: "/nowhere/outputs.json"}, "no such file"},
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
