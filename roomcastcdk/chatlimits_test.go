package roomcastcdk

import (
	"maps"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
)

// limitTests has every limit but those of the stage: which functions are told
// of it, and its default.
var limitTests = []struct {
	name, byDefault string
	handlers        []string
	set             func(l *ChatLimits, value *float64)
}{
	{"MESSAGE_RATE", "10", []string{"messages"}, func(l *ChatLimits, v *float64) { l.MessageRate = v }},
	{"MESSAGE_BURST", "20", []string{"messages"}, func(l *ChatLimits, v *float64) { l.MessageBurst = v }},
	{"FRAME_RATE", "100", []string{"messages", "rooms", "inbox"},
		func(l *ChatLimits, v *float64) { l.FrameRate = v }},
	{"CURSOR_RATE", "30", []string{"ephemeral"}, func(l *ChatLimits, v *float64) { l.CursorRate = v }},
	{"CURSOR_MEMBERS", "500", []string{"ephemeral"}, func(l *ChatLimits, v *float64) { l.CursorMembers = v }},
	{"CURSOR_POSTS", "2000", []string{"ephemeral"}, func(l *ChatLimits, v *float64) { l.CursorPosts = v }},
	{"CONNECTIONS_PER_IP", "1000", []string{"session"}, func(l *ChatLimits, v *float64) { l.ConnectionsPerIp = v }},
	{"CONNECTIONS_PER_USER", "100", []string{"session"}, func(l *ChatLimits, v *float64) { l.ConnectionsPerUser = v }},
	{"ROOMS_PER_CONNECTION", "100", []string{"rooms"}, func(l *ChatLimits, v *float64) { l.RoomsPerConnection = v }},
	{"MEMBERS_PER_ROOM", "0", []string{"session", "rooms"}, func(l *ChatLimits, v *float64) { l.MembersPerRoom = v }},
	{"MAX_MESSAGE_BYTES", "16384", []string{"messages"}, func(l *ChatLimits, v *float64) { l.MaxMessageBytes = v }},
	{"NOTIFY_USERS", "100", []string{"messages"}, func(l *ChatLimits, v *float64) { l.NotifyUsers = v }},
}

func TestChatLimits(t *testing.T) {
	byDefault := newStack(t, nil)
	newChat(byDefault)
	custom := newStack(t, nil)
	limits := ChatLimits{ThrottleRate: jsii.Number(500), ThrottleBurst: jsii.Number(50)}
	for _, test := range limitTests {
		test.set(&limits, jsii.Number(7))
	}
	given := limits
	NewChatApi(custom, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), Limits: &limits})
	if limits != given {
		t.Error("the caller's limits were changed")
	}

	defaultTemplate, customTemplate := templateOf(byDefault), templateOf(custom)
	for _, test := range limitTests {
		for _, handler := range test.handlers {
			expectVariables(t, defaultTemplate, handler, map[string]string{test.name: test.byDefault})
			expectVariables(t, customTemplate, handler, map[string]string{test.name: "7"})
		}
	}
	expectProperty(t, only(t, defaultTemplate, "AWS::ApiGatewayV2::Stage"), "DefaultRouteSettings", "<nil>")
	expectProperty(t, only(t, customTemplate, "AWS::ApiGatewayV2::Stage"), "DefaultRouteSettings", "map[ThrottlingBurstLimit:50 ThrottlingRateLimit:500]")
}

func TestChatLimitsInvalid(t *testing.T) {
	for want, limits := range map[string]ChatLimits{
		"Limits.MessageRate must be a whole number from 0 to 1000, got -1":            {MessageRate: jsii.Number(-1)},
		"Limits.MessageBurst must be a whole number from 2 to 2000, got 1":            {MessageBurst: jsii.Number(1)},
		"Limits.FrameRate must be a whole number from 0 to 10000, got 0.5":            {FrameRate: jsii.Number(0.5)},
		"Limits.CursorRate must be a whole number from 0 to 10000, got 10001":         {CursorRate: jsii.Number(10_001)},
		"Limits.CursorMembers must be a whole number from 0 to 100000, got -1":        {CursorMembers: jsii.Number(-1)},
		"Limits.CursorPosts must be a whole number from 0 to 100000, got 1.5":         {CursorPosts: jsii.Number(1.5)},
		"Limits.ConnectionsPerIp must be a whole number from 0 to 10000, got 10001":   {ConnectionsPerIp: jsii.Number(10_001)},
		"Limits.ConnectionsPerUser must be a whole number from 0 to 10000, got 10001": {ConnectionsPerUser: jsii.Number(10_001)},
		"Limits.RoomsPerConnection must be a whole number from 1 to 500, got 0":       {RoomsPerConnection: jsii.Number(0)},
		"Limits.MembersPerRoom must be a whole number from 0 to 100000, got 100001":   {MembersPerRoom: jsii.Number(100_001)},
		"Limits.MaxMessageBytes must be a whole number from 1 to 16384, got 16385":    {MaxMessageBytes: jsii.Number(16_385)},
		"Limits.NotifyUsers must be a whole number from 1 to 100, got 0":              {NotifyUsers: jsii.Number(0)},
		"Limits.ThrottleRate must be a whole number from 1 to 1000000, got 0":         {ThrottleRate: jsii.Number(0)},
		"Limits.ThrottleBurst must be a whole number from 1 to 1000000, got 1000001":  {ThrottleBurst: jsii.Number(1_000_001)},
	} {
		expectPanic(t, `NewChatApi "Chat": `+want, func() {
			NewChatApi(newStack(t, nil), jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), Limits: &limits})
		})
	}
}

// TestEveryLimitReachesAFunction: no function could keep a limit that is in no
// function's environment.
func TestEveryLimitReachesAFunction(t *testing.T) {
	limits := (*ChatLimits)(nil).withDefaults()
	missing := maps.Clone(limits.env())
	for _, f := range routes.Functions {
		for _, name := range routes.AccessOf(f.Name).Env {
			delete(missing, name)
		}
	}
	for name := range missing {
		t.Errorf("%s is in the environment of no function", name)
	}
}
