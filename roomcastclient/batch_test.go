package roomcastclient_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// hold keeps the messages of the lobby back from now on, sends some, and returns
// their frames.
func (s *server) hold(texts ...string) (held []json.RawMessage) {
	s.locked(func() {
		s.lose = func(_ *peer, m protocol.Message) bool {
			frame, err := protocol.Encode(m)
			held = append(held, frame)
			return err == nil
		}
	})
	s.say("lobby", texts...)
	return held
}

// batch posts frames as one to the newest connection.
func (s *server) batch(frames ...json.RawMessage) {
	s.locked(func() { s.peers[len(s.peers)-1].post(protocol.Batch{Frames: frames}) })
	synctest.Wait()
}

func TestFramesOfABatchAreHandledOneByOne(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var notified []string
		u := connect(t, s, func(o *roomcastclient.Options) {
			o.OnNotification = func(n roomcastclient.Notification) { notified = append(notified, n.ID) }
		})
		u.join("lobby")
		held := s.hold("one", "two", "three")
		s.batch(held[0], json.RawMessage(`{"type":"notification","id":"n1","notification":1,"timestamp":1}`), held[2], held[1], held[0])
		u.got("lobby", "one", "two", "three")
		if !slices.Equal(notified, []string{"n1"}) {
			t.Errorf("notifications %q", notified)
		}
		pass()
		if joins := s.requestsOf("join"); len(joins) != 1 || len(u.errors) != 0 {
			t.Errorf("%d joins, errors %v", len(joins), u.errors)
		}
	})
}

func TestInvalidFrameOfABatchLosesNoOther(t *testing.T) {
	for name, broken := range map[string]string{
		"a number":             `5`,
		"a list":               `[]`,
		"a field of its type":  `{"type":"message","seq":"one"}`,
		"a batch":              `{"type":"batch","frames":[{"type":"message","roomId":"lobby","seq":2,"id":"x","message":"nested"}]}`,
		"an error of no one's": `{"type":"error","code":"bad_field","message":"color: too long"}`,
		"batches nested deeply": strings.Repeat(`{"type":"batch","frames":[`, 1000) +
			strings.Repeat(`]}`, 1000),
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				u.join("lobby")
				held := s.hold("one", "two")
				s.batch(held[0], json.RawMessage(broken), held[1])
				u.got("lobby", "one", "two")
				if len(u.errors) != 1 {
					t.Errorf("errors %v, want one", u.errors)
				}
			})
		})
	}
}

func TestInvalidBatchIsReported(t *testing.T) {
	for name, frame := range map[string]string{
		"a text for a list": `{"type":"batch","frames":"text"}`,
		"cut off":           `{"type":"batch","frames":[{"type":"left"}`,
		"nested too deeply": `{"type":"batch","frames":[` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `]}`,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				u.join("lobby")
				s.locked(func() { s.peers[0].postRaw(frame) })
				s.say("lobby", "after it")
				u.got("lobby", "after it")
				if len(u.errors) != 1 {
					t.Errorf("errors %v, want one", u.errors)
				}
			})
		})
	}
}

func TestRestOfABatchIsIgnoredAfterTheConnectionEnded(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		held := s.hold("one", "two")
		s.locked(func() {
			s.script = func(p *peer, r request) bool {
				if r.Action != protocol.ActionSendMessage || p.number > 1 {
					return false
				}
				gone, err := protocol.Encode(protocol.ErrorFrame{Code: protocol.CodeNotConnected, Message: "gone", ClientID: r.ClientID})
				if err != nil {
					t.Error(err)
				}
				bad := json.RawMessage(`5`)
				p.post(protocol.Batch{Frames: []json.RawMessage{held[0], gone, bad, bad}})
				return true
			}
			s.lose = nil
		})
		u.send("lobby", "three")
		u.got("lobby", "one", "two", "three")
		if len(u.errors) != 1 || !strings.Contains(u.errors[0].Error(), "not_connected") {
			t.Errorf("errors %v, want the loss of the connection", u.errors)
		}
	})
}
