package roomcastcdk

import (
	"maps"
	"testing"

	"github.com/aws/jsii-runtime-go"
)

// limitTests has every limit but those of the stage: which functions are told
// of it, and its default.
var limitTests = []struct {
	name, byDefault string
	handlers        []string
	set             func(l *ChatLimits, value *float64)
}{
	{"MESSAGE_RATE", "10", []string{"sendmessage", "notify"}, func(l *ChatLimits, v *float64) { l.MessageRate = v }},
	{"MESSAGE_BURST", "20", []string{"sendmessage", "notify"}, func(l *ChatLimits, v *float64) { l.MessageBurst = v }},
	{"FRAME_RATE", "100", []string{"sendmessage", "notify", "join", "leave", "history", "inbox", "acknotification", "presence", "ping"},
		func(l *ChatLimits, v *float64) { l.FrameRate = v }},
	{"CURSOR_RATE", "30", []string{"cursormove"}, func(l *ChatLimits, v *float64) { l.CursorRate = v }},
	{"CURSOR_MEMBERS", "500", []string{"cursormove"}, func(l *ChatLimits, v *float64) { l.CursorMembers = v }},
	{"CURSOR_POSTS", "2000", []string{"cursormove"}, func(l *ChatLimits, v *float64) { l.CursorPosts = v }},
	{"CONNECTIONS_PER_IP", "1000", []string{"connect"}, func(l *ChatLimits, v *float64) { l.ConnectionsPerIp = v }},
	{"CONNECTIONS_PER_USER", "100", []string{"connect"}, func(l *ChatLimits, v *float64) { l.ConnectionsPerUser = v }},
	{"ROOMS_PER_CONNECTION", "100", []string{"join"}, func(l *ChatLimits, v *float64) { l.RoomsPerConnection = v }},
	{"MEMBERS_PER_ROOM", "0", []string{"connect", "join"}, func(l *ChatLimits, v *float64) { l.MembersPerRoom = v }},
	{"MAX_MESSAGE_BYTES", "16384", []string{"sendmessage", "notify"}, func(l *ChatLimits, v *float64) { l.MaxMessageBytes = v }},
	{"NOTIFY_USERS", "100", []string{"notify"}, func(l *ChatLimits, v *float64) { l.NotifyUsers = v }},
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

// TestEveryLimitIsTold: a limit that no function is told of would be a promise
// that nobody keeps.
func TestEveryLimitIsTold(t *testing.T) {
	limits := (*ChatLimits)(nil).withDefaults()
	untold := maps.Clone(limits.env())
	for _, route := range chatRoutes {
		for _, name := range route.told {
			delete(untold, name)
		}
	}
	for name := range untold {
		t.Errorf("no function is told %s", name)
	}
}
