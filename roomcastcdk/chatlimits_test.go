package roomcastcdk

import (
	"maps"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
)

// limitTests has every limit except those of the stage: its default, and the
// functions that have it in their environment.
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
		"invalid Limits.MessageRate -1: expected a whole number from 0 to 1000":            {MessageRate: jsii.Number(-1)},
		"invalid Limits.MessageBurst 1: expected a whole number from 2 to 2000":            {MessageBurst: jsii.Number(1)},
		"invalid Limits.FrameRate 0.5: expected a whole number from 0 to 10000":            {FrameRate: jsii.Number(0.5)},
		"invalid Limits.CursorRate 10001: expected a whole number from 0 to 10000":         {CursorRate: jsii.Number(10_001)},
		"invalid Limits.CursorMembers -1: expected a whole number from 0 to 100000":        {CursorMembers: jsii.Number(-1)},
		"invalid Limits.CursorPosts 1.5: expected a whole number from 0 to 100000":         {CursorPosts: jsii.Number(1.5)},
		"invalid Limits.ConnectionsPerIp 10001: expected a whole number from 0 to 10000":   {ConnectionsPerIp: jsii.Number(10_001)},
		"invalid Limits.ConnectionsPerUser 10001: expected a whole number from 0 to 10000": {ConnectionsPerUser: jsii.Number(10_001)},
		"invalid Limits.RoomsPerConnection 0: expected a whole number from 1 to 500":       {RoomsPerConnection: jsii.Number(0)},
		"invalid Limits.MembersPerRoom 100001: expected a whole number from 0 to 100000":   {MembersPerRoom: jsii.Number(100_001)},
		"invalid Limits.MaxMessageBytes 16385: expected a whole number from 1 to 16384":    {MaxMessageBytes: jsii.Number(16_385)},
		"invalid Limits.NotifyUsers 0: expected a whole number from 1 to 100":              {NotifyUsers: jsii.Number(0)},
		"invalid Limits.ThrottleRate 0: expected a whole number from 1 to 1000000":         {ThrottleRate: jsii.Number(0)},
		"invalid Limits.ThrottleBurst 1000001: expected a whole number from 1 to 1000000":  {ThrottleBurst: jsii.Number(1_000_001)},
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
