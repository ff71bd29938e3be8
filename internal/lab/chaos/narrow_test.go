package chaos

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNarrow(t *testing.T) {
	t.Parallel()
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "narrow")
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(from, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	const send = `{"Properties":{"Environment":{"Variables":{"ROOMCAST_DIRECT_LIMIT":"100","ROOMCAST_SHARD_SIZE":"500","ROOMCAST_MAX_RECEIVE_COUNT":"5","ELSE":"9"}},"MemorySize":12345678901234567890}}`
	const functions = `"Slow":{"Type":"AWS::Lambda::Function","Properties":{"Timeout":60}},"Fast":{"Type":"AWS::Lambda::Function","Properties":{"Timeout":3}},"Queue":{"Type":"AWS::SQS::Queue","Properties":{"Timeout":60,"RedrivePolicy":{"maxReceiveCount":5}}},"Once":{"Properties":{"RedrivePolicy":{"maxReceiveCount":1}}}`
	write("Chat.template.json", `{"Resources":{"Send":`+send+`,`+functions+`,"Topic":{"Type":"AWS::SNS::Topic"}}}`)
	write("assembly-Stage/Inner.template.json", `{"Resources":{"Join":{"Properties":{"Environment":{"Variables":{"ROOMCAST_SHARD_SIZE":"500"}}}}}}`)
	write("asset.1/bootstrap", "program")
	if err := Narrow(from, to); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"Chat.template.json": {
			`{"ELSE":"9","ROOMCAST_DIRECT_LIMIT":"10","ROOMCAST_MAX_RECEIVE_COUNT":"3","ROOMCAST_SHARD_SIZE":"10"}`, `"MemorySize":12345678901234567890`, `"AWS::SNS::Topic"`,
			`"Slow":{"Properties":{"Timeout":15},`, `"Fast":{"Properties":{"Timeout":3},`, `"Queue":{"Properties":{"RedrivePolicy":{"maxReceiveCount":3},"Timeout":60},`, `"Once":{"Properties":{"RedrivePolicy":{"maxReceiveCount":1}}}`,
		},
		"assembly-Stage/Inner.template.json": {`{"ROOMCAST_SHARD_SIZE":"10"}`},
		"asset.1/bootstrap":                  {"program"},
	} {
		content, err := os.ReadFile(filepath.Join(to, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range want {
			if !strings.Contains(string(content), part) {
				t.Errorf("%s is %s, want %s in it", name, content, part)
			}
		}
	}
	if info, err := os.Stat(filepath.Join(to, "asset.1/bootstrap")); err != nil || info.Mode()&0o100 == 0 {
		t.Errorf("the program cannot be run any more: %v, %v", info, err)
	}
	if content, err := os.ReadFile(filepath.Join(from, "Chat.template.json")); err != nil || !strings.Contains(string(content), `"500"`) {
		t.Errorf("the assembly itself is changed: %s, %v", content, err)
	}
}

func TestNarrowRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, template, want string }{
		{"another app", `{"Resources":{}}`, ": run an app that holds Roomcast's RealtimeStack"},
		{"no template", `{`, "Chat.template.json"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			from := t.TempDir()
			if err := os.WriteFile(filepath.Join(from, "Chat.template.json"), []byte(c.template), 0o644); err != nil {
				t.Fatal(err)
			}
			if err := Narrow(from, filepath.Join(t.TempDir(), "to")); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want %q", err, c.want)
			}
		})
	}
}
