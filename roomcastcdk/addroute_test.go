package roomcastcdk

import (
	"testing"

	"github.com/aws/jsii-runtime-go"
)

func TestAddRoute(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	shout := NewGoFunction(stack, jsii.String("Shout"), &GoFunctionProps{Entry: jsii.String("shout")})
	route := chat.AddRoute(jsii.String("shout"), shout.Function, nil)
	// One function may well serve two actions.
	chat.AddRoute(jsii.String("whisper"), shout.Function, &RouteOptions{ReturnResponse: jsii.Bool(false)})
	template := templateOf(stack)

	if *route.RouteKey() != "shout" || chat.Routes["shout"] != route {
		t.Errorf("the route %s is not the one that was added", *route.RouteKey())
	}
	template.ResourceCountIs(jsii.String("AWS::ApiGatewayV2::Route"), jsii.Number(openRoutes+2))
	template.ResourceCountIs(jsii.String("AWS::ApiGatewayV2::Integration"), jsii.Number(7))
	template.ResourceCountIs(jsii.String("AWS::Lambda::Permission"), jsii.Number(7))
	if list := properties(functionOf(t, template, "ephemeral"))["Environment"].(map[string]any)["Variables"].(map[string]any)["ROOMCAST_OWN_ACTIONS"]; list != "shout,whisper" {
		t.Errorf("the function behind $default lists %q", list)
	}
	if !answers(template, "shout") {
		t.Error("the route shout does not answer, want it to by default")
	}
	if answers(template, "whisper") {
		t.Error("the route whisper answers, though ReturnResponse is false")
	}
}

func TestAddRouteInvalid(t *testing.T) {
	stack := newStack(t, nil)
	chat := newChat(stack)
	shout := NewGoFunction(stack, jsii.String("Shout"), &GoFunctionProps{Entry: jsii.String("shout")}).Function
	const shape = "invalid route key: expected 1 to 128 letters, digits, dots, hyphens or underscores"

	expectPanic(t, shape, func() { chat.AddRoute(nil, shout, nil) })
	for _, key := range []string{"", "$connect", "$mine", "shout*", "two words"} {
		expectPanic(t, shape, func() { chat.AddRoute(jsii.String(key), shout, nil) })
	}
	expectPanic(t, `AddRoute "sendMessage": this ChatApi already has that route`, func() { chat.AddRoute(jsii.String("sendMessage"), shout, nil) })
	expectPanic(t, `AddRoute "shout": the function is missing`, func() { chat.AddRoute(jsii.String("shout"), nil, nil) })
	chat.AddRoute(jsii.String("shout"), shout, nil)
	expectPanic(t, "already has that route", func() { chat.AddRoute(jsii.String("shout"), shout, nil) })
}
