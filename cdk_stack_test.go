package main

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
	"github.com/roomcast/roomcast/stacks"
)

// newStackOf defines a RealtimeStack in a new app.
func newStackOf(t *testing.T, props *stacks.RealtimeStackProps) (*stacks.RealtimeStack, func() template) {
	t.Helper()
	values, dir := context(t, map[string]any{"roomcast:target": "none"}), t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(dir)})
	stack := stacks.NewRealtimeStack(app, jsii.String("Own"), props)
	return stack, func() template {
		app.Synth(nil)
		text, err := os.ReadFile(filepath.Join(dir, "Own.template.json"))
		if err != nil {
			t.Fatal(err)
		}
		return parse(t, string(text))
	}
}

// TestStackContradictions: props of which one would have no effect are refused.
func TestStackContradictions(t *testing.T) {
	tables := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Data"), nil)
	connections := roomcastcdk.ConnectionTable_FromTableName(tables, jsii.String("C"), jsii.String("connections"))
	messages := roomcastcdk.MessageTable_FromTableName(tables, jsii.String("M"), jsii.String("messages"))
	broadcast := roomcastcdk.NewBroadcastFunction(tables, jsii.String("B"), &roomcastcdk.BroadcastFunctionProps{
		ConnectionTable: connections, Code: awslambda.Code_FromAsset(jsii.String("testdata"), nil),
	})
	users := roomcastcdk.NewJwtAuthorizer(tables, jsii.String("A"), &roomcastcdk.JwtAuthorizerProps{Code: awslambda.Code_FromAsset(jsii.String("testdata"), nil)})
	for want, props := range map[string]stacks.RealtimeStackProps{
		"Tokens has no effect with Chat.Auth: set one of them": {
			Tokens: &roomcastcdk.JwtAuthorizerProps{}, Chat: &roomcastcdk.ChatApiProps{Auth: roomcastcdk.OpenAuth()}},
		"ConnectionTable has no effect with Chat.ConnectionTable": {
			ConnectionTable: &roomcastcdk.ConnectionTableProps{}, Chat: &roomcastcdk.ChatApiProps{ConnectionTable: connections}},
		"MessageTable has no effect with Chat.MessageTable": {
			MessageTable: &roomcastcdk.MessageTableProps{}, Chat: &roomcastcdk.ChatApiProps{MessageTable: messages}},
		"Chat.Auth is a JwtAuthorizer, which must belong to the stack of the ChatApi": {
			Chat: &roomcastcdk.ChatApiProps{Auth: users}},
		"PointInTimeRecovery has no effect on an existing message table": {
			PointInTimeRecovery: jsii.Bool(true), MessageTable: &roomcastcdk.MessageTableProps{Table: messages.Table}},
		"RemovalPolicy has no effect on existing tables": {
			RemovalPolicy: awscdk.RemovalPolicy_RETAIN, Chat: &roomcastcdk.ChatApiProps{ConnectionTable: connections, MessageTable: messages}},
		"Chat.Broadcast must belong to the stack of the ChatApi": {
			Chat: &roomcastcdk.ChatApiProps{Broadcast: broadcast}},
	} {
		got := panicOf(func() { newStackOf(t, &props) })
		if !strings.Contains(got, `stacks: NewRealtimeStack "Own": `+want) {
			t.Errorf("panicked with %q, want %q in it", got, want)
		}
	}
	got := panicOf(func() { stacks.NewRealtimeStack(awscdk.NewApp(nil), nil, nil) })
	if want := "stacks: NewRealtimeStack: the scope or the id is missing"; !strings.Contains(got, want) {
		t.Errorf("panicked with %q, want %q in it", got, want)
	}
}

// TestStackUsesExistingTables: tables that Chat names replace new ones.
func TestStackUsesExistingTables(t *testing.T) {
	values := context(t, map[string]any{"roomcast:target": "none"})
	app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(t.TempDir())})
	data := awscdk.NewStack(app, jsii.String("Data"), nil)
	messages := roomcastcdk.NewMessageTable(data, jsii.String("Messages"), nil)
	stack := stacks.NewRealtimeStack(app, jsii.String("Own"), &stacks.RealtimeStackProps{
		Chat: &roomcastcdk.ChatApiProps{MessageTable: messages},
		ConnectionTable: &roomcastcdk.ConnectionTableProps{
			Table: awsdynamodb.TableV2_FromTableName(data, jsii.String("Existing"), jsii.String("connections")),
		},
	})
	// Here the policy has an effect, on the new table.
	stacks.NewRealtimeStack(app, jsii.String("Half"), &stacks.RealtimeStackProps{
		RemovalPolicy: awscdk.RemovalPolicy_RETAIN,
		ConnectionTable: &roomcastcdk.ConnectionTableProps{
			Table: awsdynamodb.TableV2_FromTableName(data, jsii.String("Others"), jsii.String("others")),
		},
	})
	if stack.Chat.MessageTable != messages {
		t.Error("the ChatApi uses another message table than it was given")
	}
	if got := *stack.Chat.ConnectionTable.Table.TableName(); got != "connections" {
		t.Errorf("the connection table is %q", got)
	}
}

// TestStackPassesPropsOn: the caller's props stay as they are, and Code and the
// logs of Chat hold for the authorizer too.
func TestStackPassesPropsOn(t *testing.T) {
	chat := roomcastcdk.ChatApiProps{Code: awslambda.Code_FromAsset(jsii.String("testdata"), nil)}
	before := chat
	_, synthesize := newStackOf(t, &stacks.RealtimeStackProps{Chat: &chat})
	if !reflect.DeepEqual(chat, before) {
		t.Error("the caller's props were changed")
	}
	keys := map[any]bool{}
	for _, function := range synthesize().of("AWS::Lambda::Function") {
		keys[function.Properties["Code"].(map[string]any)["S3Key"]] = true
	}
	if len(keys) != 1 {
		t.Errorf("the functions have %d programs, want the one of Code", len(keys))
	}
}
