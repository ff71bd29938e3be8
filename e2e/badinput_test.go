package e2e_test

import (
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/roomcasttest"
)

func TestBadFramesAreAnsweredAndTheConnectionLivesOn(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
	for _, c := range []struct{ name, frame, code, says string }{
		{"no JSON", `hello`, "bad_frame", ""},
		{"cut off", `{"action":"sendMessage"`, "bad_frame", ""},
		{"no object", `[1,2]`, "bad_frame", ""},
		{"a bare string", `"sendMessage"`, "bad_frame", ""},
		{"no action", `{"message":"hi"}`, "bad_frame", "action"},
		{"an action of a wrong type", `{"action":5,"message":"hi"}`, "bad_frame", "action"},
		{"unknown action", `{"action":"explode"}`, "unknown_action", "explode"},
		{"message of a wrong type", `{"action":"sendMessage","message":{"a":1}}`, "bad_field", "message"},
		{"no message", `{"action":"sendMessage"}`, "bad_field", "message"},
		{"empty message", `{"action":"sendMessage","message":""}`, "bad_field", "message"},
		{"message over 16 KiB", `{"action":"sendMessage","message":"` + strings.Repeat("x", 16<<10+1) + `"}`, "message_too_large", "16"},
		{"empty roomId", `{"action":"sendMessage","roomId":"","message":"hi"}`, "bad_field", "roomId"},
		{"roomId of 300 characters", `{"action":"join","roomId":"` + strings.Repeat("r", 300) + `"}`, "bad_field", "roomId"},
		{"roomId with a control character", `{"action":"join","roomId":"a\u0000b"}`, "bad_field", "roomId"},
		{"roomId with half of a surrogate pair", `{"action":"join","roomId":"a\ud800b"}`, "bad_field", "roomId"},
		{"a room of a ping with half of a surrogate pair", `{"action":"ping","rooms":[{"roomId":"\udc00","seq":0}]}`, "bad_field", "rooms[0].roomId"},
		{"join without a room", `{"action":"join"}`, "bad_field", "roomId"},
		{"clientId over 64 characters", `{"action":"sendMessage","message":"hi","clientId":"` + strings.Repeat("c", 65) + `"}`, "bad_field", "clientId"},
		{"a room the connection is not in", `{"action":"sendMessage","roomId":"elsewhere","message":"hi"}`, "not_in_room", "elsewhere"},
		{"presence of another room", `{"action":"presence","roomId":"elsewhere"}`, "not_in_room", "elsewhere"},
		{"history of another room", `{"action":"history","roomId":"elsewhere"}`, "not_in_room", "elsewhere"},
		{"history both ways", `{"action":"history","roomId":"lobby","since":0,"before":5}`, "bad_field", "before"},
		{"a since from the future", `{"action":"join","roomId":"elsewhere","since":99,"epoch":""}`, "bad_field", "epoch"},
		{"a foreign epoch", `{"action":"join","roomId":"elsewhere","since":1,"epoch":"01JFOREIGN"}`, "unknown_position", "epoch"},
		{"a since that is not a number", `{"action":"join","roomId":"elsewhere","since":"1"}`, "bad_field", "since"},
		{"an ack of nothing", `{"action":"ackNotification","ids":[]}`, "bad_field", "ids"},
		{"an ack of a stranger's notification", `{"action":"ackNotification","ids":["01JSTRANGE"]}`, "unknown_notification", "01JSTRANGE"},
		{"an ack of the inbox's own row", `{"action":"ackNotification","ids":["STATE"]}`, "unknown_notification", "STATE"},
		{"ping with a bad room", `{"action":"ping","rooms":[{"seq":1}]}`, "bad_field", "rooms[0].roomId"},
		{"a heartbeat of an hour", `{"action":"ping","heartbeat":3600}`, "bad_field", "heartbeat"},
		{"position of a wrong type", `{"action":"cursorMove","position":"left"}`, "bad_field", "position"},
		{"notify nobody", `{"action":"notify","notification":"hi"}`, "bad_field", "userId"},
		{"notify nothing", `{"action":"notify","userId":"ada"}`, "bad_field", "notification"},
	} {
		ada.Write(websocket.MessageText, []byte(c.frame))
		e := ada.AwaitFrame("that answers "+c.name, func(roomcasttest.Frame) bool { return true })
		if e.Type() != "error" || e.Text("code") != c.code || !strings.Contains(e.Text("message"), c.says) {
			t.Errorf("%s: got %v, want the error %s that says %q", c.name, e, c.code, c.says)
		}
	}
	if log := stack.Items(t, messages, "ROOM#lobby"); len(log) != 0 {
		t.Errorf("a bad frame wrote to the log: %v", log)
	}
	if room := stack.Items(t, connections, "ROOM#elsewhere#0"); len(room) != 0 {
		t.Errorf("a bad frame wrote a membership: %v", room)
	}
}

func TestFramesThatAPIGatewayDoesNotTakeCloseTheConnection(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	for _, c := range []struct {
		name string
		kind websocket.MessageType
		data []byte
		code websocket.StatusCode
	}{
		{"binary", websocket.MessageBinary, []byte(`{"action":"ping"}`), websocket.StatusUnsupportedData},
		{"over 32 KiB", websocket.MessageText, []byte(`{"action":"ping","pad":"` + strings.Repeat("x", 32<<10) + `"}`), websocket.StatusMessageTooBig},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := stack.MustDial(t, roomcasttest.WithUser("ada"))
			conn.Write(c.kind, c.data)
			if got := conn.AwaitClose(); got != c.code {
				t.Errorf("closed with %d, want %d", got, c.code)
			}
		})
	}
}

func TestAHandshakeThatIsNotRightIsRefused(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	for _, c := range []struct {
		name    string
		options []roomcasttest.DialOption
	}{
		{"no userId", nil},
		{"empty userId", []roomcasttest.DialOption{roomcasttest.WithUser("")}},
		{"long userId", []roomcasttest.DialOption{roomcasttest.WithUser(strings.Repeat("u", 129))}},
		{"empty roomId", []roomcasttest.DialOption{roomcasttest.WithUser("ada"), roomcasttest.WithRoom("")}},
		{"long roomId", []roomcasttest.DialOption{roomcasttest.WithUser("ada"), roomcasttest.WithRoom(strings.Repeat("r", 300))}},
	} {
		_, response, err := stack.Dial(t, c.options...)
		if err == nil || response == nil || response.StatusCode != 400 {
			t.Errorf("%s: %v, response %v; want status 400", c.name, err, response)
		}
	}
}
