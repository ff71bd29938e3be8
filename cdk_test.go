package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
	"github.com/roomcast/roomcast/stacks"
)

// The tests of this package share one jsii kernel, which serves one caller at
// a time: none of them may run in parallel.

func TestMain(m *testing.M) {
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

var update = flag.Bool("update", false, "accept the template as it is now: go test . -run Golden -update")

// context returns the context of cdk.json with these changes; a nil value
// removes a key.
func context(t *testing.T, values map[string]any) map[string]any {
	t.Helper()
	c, err := fileContext("cdk.json")
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(c, values)
	maps.DeleteFunc(c, func(_ string, value any) bool { return value == nil })
	return c
}

// synthesize runs the app as main does and returns the text of its template.
func synthesize(t *testing.T, context map[string]any) string {
	t.Helper()
	dir := t.TempDir()
	newApp(context, dir).Synth(nil)
	text, err := os.ReadFile(filepath.Join(dir, "RealtimeStack.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// assetHash matches the name of an asset, which changes with every change to a
// handler.
var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

// normalized returns the template with sorted keys and without the assets'
// names.
func normalized(t *testing.T, template string) string {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(template), &value); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return assetHash.ReplaceAllString(string(text), "<asset>") + "\n"
}

// TestGolden shows every change to what is deployed as a change to a file. A
// changed logical id of a table or a queue means that it is replaced.
func TestGolden(t *testing.T) {
	const golden = "testdata/RealtimeStack.template.json"
	got := normalized(t, synthesize(t, context(t, nil)))
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the template differs from %s, first in\n%s\nif that is intended: run make golden, explain the difference in the commit, and add a line to CHANGELOG.md", golden, firstDifference(string(want), got))
	}
}

// firstDifference shows the first line in which two texts differ.
func firstDifference(want, got string) string {
	wantLines, gotLines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wantLines), len(gotLines)) {
		if wantLines[i] != gotLines[i] {
			return fmt.Sprintf("line %d: - %s\n         + %s", i+1, wantLines[i], gotLines[i])
		}
	}
	return fmt.Sprintf("its length: %d lines instead of %d", len(gotLines), len(wantLines))
}

// TestTargets: a local run has to run the template that would be deployed, so
// the target may change only the program.
func TestTargets(t *testing.T) {
	lambda := synthesize(t, context(t, map[string]any{"roomcast:target": "lambda"}))
	host := synthesize(t, context(t, map[string]any{"roomcast:target": "host"}))
	if assetHash.FindString(lambda) == assetHash.FindString(host) {
		t.Error("both targets have the same program")
	}
	if lambda, host := normalized(t, lambda), normalized(t, host); lambda != host {
		t.Errorf("the target changes the template, first in\n%s", firstDifference(lambda, host))
	}
}

// TestStackProps makes the stack as another app would, with its own props.
func TestStackProps(t *testing.T) {
	values, dir := context(t, nil), t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(dir)})
	stack := stacks.NewRealtimeStack(app, jsii.String("Custom"), &stacks.RealtimeStackProps{
		RemovalPolicy:       awscdk.RemovalPolicy_RETAIN,
		PointInTimeRecovery: jsii.Bool(true),
		Chat: &roomcastcdk.ChatApiProps{
			Limits:                &roomcastcdk.ChatLimits{MessageRate: jsii.Number(3)},
			MessageRetention:      awscdk.Duration_Days(jsii.Number(1)),
			NotificationRetention: awscdk.Duration_Days(jsii.Number(2)),
			InboxLimit:            jsii.Number(7),
			LogRetention:          awslogs.RetentionDays_FIVE_DAYS,
		},
	})
	awscdk.Tags_Of(stack).Add(jsii.String("team"), jsii.String("chat"), nil)
	stack.Chat.AddPublisher(stack.Chat.Functions["rooms"])
	role := awsiam.NewRole(stack, jsii.String("Task"), &awsiam.RoleProps{AssumedBy: awsiam.NewServicePrincipal(jsii.String("ecs-tasks.amazonaws.com"), nil)})
	stack.GrantPublish(role).AssertSuccess()
	app.Synth(nil)

	text, err := os.ReadFile(filepath.Join(dir, "Custom.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	custom := parse(t, string(text))
	tables := custom.of("AWS::DynamoDB::GlobalTable")
	if len(tables) != 2 {
		t.Errorf("got %d tables, want 2", len(tables))
	}
	if text := string(text); strings.Count(text, `"PointInTimeRecoveryEnabled": true`) != 1 || !strings.Contains(text, `"ROOMCAST_MESSAGE_RATE": "3"`) {
		t.Error("the stack does not pass on that messages can be restored, or the limits")
	}
	for _, want := range []string{`"ROOMCAST_MESSAGE_RETENTION": "86400"`, `"ROOMCAST_NOTIFICATION_RETENTION": "172800"`, `"ROOMCAST_INBOX_LIMIT": "7"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the stack does not pass on %s", want)
		}
	}
	for id, logs := range custom.of("AWS::Logs::LogGroup") {
		if got := fmt.Sprint(logs.Properties["RetentionInDays"]); got != "5" {
			t.Errorf("%s keeps logs for %s days, want 5", id, got)
		}
	}
	for id, table := range tables {
		if table.DeletionPolicy != "Retain" {
			t.Errorf("the DeletionPolicy of %s is %s, want Retain", id, table.DeletionPolicy)
		}
		if !slices.Contains(texts(table.Properties), "team") {
			t.Errorf("%s lacks the stack's tag", id)
		}
	}
	for id, function := range custom.of("AWS::Lambda::Function") {
		environment, _ := json.Marshal(function.Properties["Environment"])
		if function.Properties["Handler"] == "rooms" && !strings.Contains(string(environment), "ROOMCAST_BROADCAST_QUEUE_URL") {
			t.Errorf("%s may publish, but its environment is %s", id, environment)
		}
	}
}

// TestStackLimits checks the limits that the stack passes on to its ChatApi.
func TestStackLimits(t *testing.T) {
	values, dir := context(t, nil), t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(dir)})
	stacks.NewRealtimeStack(app, jsii.String("Limited"), &stacks.RealtimeStackProps{
		Chat: &roomcastcdk.ChatApiProps{
			DirectLimit:          jsii.Number(5),
			ShardSize:            jsii.Number(20),
			BroadcastConcurrency: jsii.Number(3),
			MessageRetention:     awscdk.Duration_Days(jsii.Number(1)),
		},
	})
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(dir, "Limited.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	limited := parse(t, string(text))
	env := map[string]string{} // by handler
	for _, function := range limited.of("AWS::Lambda::Function") {
		env[fmt.Sprint(function.Properties["Handler"])] = fmt.Sprint(function.Properties["Environment"])
	}
	// A function without a setting uses the default instead of the prop.
	for want, handlers := range map[string][]string{
		"ROOMCAST_DIRECT_LIMIT:5":          {"messages", "ephemeral", "rooms"},
		"ROOMCAST_SHARD_SIZE:20":           {"rooms", "broadcast"},
		"ROOMCAST_MESSAGE_RETENTION:86400": {"messages", "rooms", "broadcast"},
	} {
		for _, handler := range handlers {
			if !strings.Contains(env[handler], want+" ") && !strings.Contains(env[handler], want+"]") {
				t.Errorf("%s has the environment %s, want %s in it", handler, env[handler], want)
			}
		}
	}
	var concurrency []string
	for _, source := range limited.of("AWS::Lambda::EventSourceMapping") {
		concurrency = append(concurrency, fmt.Sprint(source.Properties["ScalingConfig"]))
	}
	slices.Sort(concurrency)
	if want := []string{"map[MaximumConcurrency:2]", "map[MaximumConcurrency:3]"}; !slices.Equal(concurrency, want) {
		t.Errorf("the event sources have the limits %v, want those of cursors and broadcasts, %v", concurrency, want)
	}
}

// TestInvalidTemplateFails breaks the stack in a way that only CloudFormation
// would notice: synthesis has to fail, not warn.
func TestInvalidTemplateFails(t *testing.T) {
	app := newApp(context(t, nil), t.TempDir())
	stack := app.Node().FindChild(jsii.String("RealtimeStack")).(awscdk.Stack)
	queue := awssqs.NewCfnQueue(stack, jsii.String("Broken"), nil)
	queue.AddPropertyOverride(jsii.String("VisibilityTimeout"), "a while")
	if got := panicOf(func() { app.Synth(nil) }); !strings.Contains(got, "Validation failed") {
		t.Errorf("panicked with %q, want a failed validation", got)
	}
}

func panicOf(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

func TestFileContext(t *testing.T) {
	tests := []struct {
		name, content, want string
		err                 string
	}{
		{"a context", `{"app": "go run .", "context": {"a": "b"}}`, "map[a:b aws:cdk:enable-asset-metadata:true aws:cdk:enable-path-metadata:true]", ""},
		{"no context", `{}`, "map[aws:cdk:enable-asset-metadata:true aws:cdk:enable-path-metadata:true]", ""},
		{"no file", "", "map[aws:cdk:enable-asset-metadata:true aws:cdk:enable-path-metadata:true]", ""},
		{"no JSON", `context`, "map[]", "read the app's context from"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cdk.json")
			if test.content != "" {
				if err := os.WriteFile(path, []byte(test.content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			got, err := fileContext(path)
			if fmt.Sprint(got) != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got the error %v, want %q", err, test.err)
			}
		})
	}
}
