package roomcastcdk

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

const importedARN = "arn:aws:lambda:eu-west-1:123456789012:function:shout"

// API Gateway may invoke the function of every added route, however the
// function was imported, unless the app says that it may already.
func TestAddRouteOfAnImportedFunction(t *testing.T) {
	byArn := func(scope constructs.Construct) awslambda.IFunction {
		return awslambda.Function_FromFunctionArn(scope, jsii.String("Shout"), jsii.String(importedARN))
	}
	byAttributes := func(attributes awslambda.FunctionAttributes) func(constructs.Construct) awslambda.IFunction {
		return func(scope constructs.Construct) awslambda.IFunction {
			attributes.FunctionArn = jsii.String(importedARN)
			return awslambda.Function_FromFunctionAttributes(scope, jsii.String("Shout"), &attributes)
		}
	}
	env := func(account, region string) *awscdk.StackProps {
		return &awscdk.StackProps{Env: &awscdk.Environment{Account: jsii.String(account), Region: jsii.String(region)}}
	}
	tests := []struct {
		name     string
		function func(constructs.Construct) awslambda.IFunction
		props    *awscdk.StackProps
		permits  bool
		panics   string
	}{
		{"by ARN", byArn, nil, true, ""},
		{"by ARN, of the stack's account", byArn, env("123456789012", "eu-west-1"), true, ""},
		{"by name", func(scope constructs.Construct) awslambda.IFunction {
			return awslambda.Function_FromFunctionName(scope, jsii.String("Shout"), jsii.String("shout"))
		}, nil, true, ""},
		{"by attributes", byAttributes(awslambda.FunctionAttributes{}), nil, true, ""},
		{"of the same environment", byAttributes(awslambda.FunctionAttributes{SameEnvironment: jsii.Bool(true)}), nil, true, ""},
		{"permitted already", byAttributes(awslambda.FunctionAttributes{SkipPermissions: jsii.Bool(true)}), nil, false, ""},
		{"of another account, permitted already", byAttributes(awslambda.FunctionAttributes{SkipPermissions: jsii.Bool(true)}), env("210987654321", "eu-west-1"), false, ""},
		{"a version", func(scope constructs.Construct) awslambda.IFunction {
			return awslambda.Version_FromVersionArn(scope, jsii.String("Shout"), jsii.String(importedARN+":3"))
		}, nil, true, ""},
		{"of another account", byArn, env("210987654321", "eu-west-1"), false,
			`AddRoute "shout": the function ` + importedARN + ` is of another account (123456789012) than the ChatApi (210987654321), where this stack cannot let API Gateway invoke it: permit it there`},
		{"of another Region", byArn, env("123456789012", "us-east-1"), false, "is of another Region (eu-west-1) than the ChatApi (us-east-1)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stack := newStackOf(t, nil, test.props)
			chat := newChat(stack)
			fn := test.function(stack)
			if test.panics != "" {
				expectPanic(t, test.panics, func() { chat.AddRoute(jsii.String("shout"), fn, nil) })
				return
			}
			chat.AddRoute(jsii.String("shout"), fn, nil)
			chat.AddRoute(jsii.String("whisper"), fn, nil)
			permitted := map[string]bool{}
			for id := range all(templateOf(stack), "AWS::Lambda::Permission") {
				for _, key := range []string{"shout", "whisper"} {
					if strings.HasPrefix(id, "ChatApi"+key+"Route") {
						permitted[key] = true
					}
				}
			}
			if permitted["shout"] != test.permits || permitted["whisper"] != test.permits {
				t.Errorf("permitted are %v, want both or none: %v", permitted, test.permits)
			}
			if test.permits && warnedOf(fn) {
				t.Error("CDK still warns that the function has no permission")
			}
		})
	}
}

// A function of the app that is deployed elsewhere cannot be a route.
func TestAddRouteOfAFunctionElsewhere(t *testing.T) {
	stack := newStackWithRegion(t)
	other := awscdk.NewStack(awscdk.App_Of(stack), jsii.String("Other"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("us-east-1")}})
	chat, shout := newChat(stack), shoutOf(other)
	expectPanic(t, `the function "Other/Shout/Function" is deployed to another Region (us-east-1) than the ChatApi (eu-west-1)`, func() {
		chat.AddRoute(jsii.String("shout"), shout, nil)
	})
}

// What is called after the synthesis, or without what it is about, says so.
func TestGrantsThatComeToNothing(t *testing.T) {
	stack := newStack(t, nil)
	chat, shout := newChat(stack), shoutOf(stack)
	expectPanic(t, `AddPublisher "Stack/Chat": the function is missing`, func() { chat.AddPublisher(nil) })
	expectPanic(t, `GrantManageConnections "Stack/Chat": the grantee is missing`, func() { chat.GrantManageConnections(nil) })

	awscdk.App_Of(stack).Synth(nil)
	const late = "the app has been synthesized, so this would not be part of it: call it before app.Synth"
	expectPanic(t, `AddRoute "shout": `+late, func() { chat.AddRoute(jsii.String("shout"), shout, nil) })
	expectPanic(t, late, func() { chat.AddPublisher(shout) })
	expectPanic(t, late, func() { chat.GrantManageConnections(shout) })
}
