package redrive

import (
	"strings"
	"testing"
)

const (
	file = `{"ConnectionTableName": "c", "MessageTableName": "m", "BroadcastQueueUrl": "q", "DeadLetterQueueUrl": "d", "CallbackUrl": "u", "WebSocketUrl": "w"}`
	up   = `{"ready":true,"webSocketUrl":"w","apis":[],"outputs":` + file + `,"environment":{"AWS_REGION":"us-east-1","AWS_ENDPOINT_URL":"http://127.0.0.1:1"},"readySeconds":1.5}`
)

func TestParseOutputs(t *testing.T) {
	t.Parallel()
	whole := Target{ConnectionTable: "c", MessageTable: "m", BroadcastQueueURL: "q", DeadLetterQueueURL: "d", CallbackURL: "u"}
	tests := []struct{ name, data, stack string }{
		{"one stack", `{"Chat": ` + file + `}`, ""},
		{"one stack of Roomcast", `{"Chat": ` + file + `, "Website": {"Url": "x"}, "Empty": {}}`, ""},
		{"one of two", `{"Chat": ` + file + `, "Beta": {"DeadLetterQueueUrl": "b"}}`, "Chat"},
		{"a run", up, ""},
		{"a run and what it printed later", up + "\nsomething else", ""},
		{"a run of two stacks", strings.NewReplacer(`"Conn`, `"Chat.Conn`, `"Mess`, `"Chat.Mess`, `"Broad`, `"Chat.Broad`, `"Dead`, `"Chat.Dead`, `"Call`, `"Chat.Call`).Replace(up), "Chat"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := ParseOutputs([]byte(test.data), test.stack)
			if err != nil {
				t.Fatal(err)
			}
			if isRun := strings.HasPrefix(test.data, `{"ready"`); isRun != (got.Environment["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1") {
				t.Errorf("got the environment %v", got.Environment)
			}
			if err := got.Check(); err != nil {
				t.Error(err)
			}
			got.Flags(func(name, output string, value *string) {
				whole.Flags(func(other, _ string, want *string) {
					if name == other && *value != *want {
						t.Errorf("%s is %q, want %q", output, *value, *want)
					}
				})
			})
		})
	}
}

func TestParseOutputsRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, data, stack, want string }{
		{"nothing", "", "", "invalid outputs: expected the JSON object"},
		{"no object", "[]", "", "invalid outputs: expected the JSON object"},
		{"outputs of no stack", file, "", "expected strings by name"},
		{"no stack", "{}", "", "none of the stacks (there are none) has the output DeadLetterQueueUrl: call AddOutputs of the ChatApi in its app and deploy it again, or set flags instead; needed are ConnectionTableName, MessageTableName, BroadcastQueueUrl, DeadLetterQueueUrl, CallbackUrl"},
		{"no stack of Roomcast", `{"A": {}, "B": {"Url": "x"}}`, "", "none of the stacks A, B has the output DeadLetterQueueUrl"},
		{"two stacks", `{"B": ` + file + `, "A": ` + file + `}`, "", "several stacks have the output DeadLetterQueueUrl: A, B: choose one with --stack"},
		{"another stack", `{"A": ` + file + `}`, "B", `invalid --stack "B": expected one of A`},
		{"a run of two stacks", strings.ReplaceAll(up, `"Dead`, `"Chat.Dead`), "", "Chat.DeadLetterQueueUrl, ConnectionTableName"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseOutputs([]byte(test.data), test.stack)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	whole := Target{ConnectionTable: "c", MessageTable: "m", BroadcastQueueURL: "q", DeadLetterQueueURL: "d", CallbackURL: "u"}
	whole.Flags(func(name, output string, value *string) {
		kept := *value
		*value = ""
		if err := whole.Check(); err == nil || !strings.Contains(err.Error(), output) || !strings.Contains(err.Error(), "--"+name) {
			t.Errorf("without %s: got %v, want the output and the flag named", output, err)
		}
		*value = kept
	})
	if err := whole.Check(); err != nil {
		t.Error(err)
	}
}
