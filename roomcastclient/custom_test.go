package roomcastclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/roomcastclient"
)

// route makes the fake server answer an action with a function, like a stack with
// a route of its own.
func (s *server) route(action string, answer func(p *peer, r request)) {
	s.locked(func() {
		s.script = func(p *peer, r request) bool {
			if r.Action == action {
				answer(p, r)
			}
			return r.Action == action
		}
	})
}

func TestRequest(t *testing.T) {
	type fields struct {
		Text string `json:"text"`
		Deep any    `json:"deep,omitempty"`
	}
	for name, c := range map[string]struct {
		fields any
		want   string // what is sent, but for the clientId
	}{
		"a struct":     {fields{"<hi>", []int{1}}, `{"action":"shout","clientId":"ID","text":"<hi>","deep":[1]}`},
		"a map":        {map[string]any{"text": "hi"}, `{"action":"shout","clientId":"ID","text":"hi"}`},
		"none":         {nil, `{"action":"shout","clientId":"ID"}`},
		"an empty one": {struct{}{}, `{"action":"shout","clientId":"ID"}`},
		"raw JSON":     {json.RawMessage(" { } "), `{"action":"shout","clientId":"ID"}`},
		"a nil map":    {map[string]any(nil), `{"action":"shout","clientId":"ID"}`},
		"the room":     {map[string]any{"roomId": "lobby"}, `{"action":"shout","clientId":"ID","roomId":"lobby"}`},
	} {
		for _, answer := range []string{
			`{"type":"shouted","clientId":"ID","position":"not a cursor's","seq":"x"}`,
			`{"clientId":"ID","message":"of no type"}`,
			`{"type":7,"clientId":"ID"}`,
			`{"type":"message","clientId":"ID","roomId":"lobby","seq":1}`,
			`{"type":"ack","clientId":"ID","roomId":5}`,
			`{"type":"pong","clientId":"ID"}`,
		} {
			serialSubtest(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				u.join("lobby")
				s.route("shout", func(p *peer, r request) { p.postRaw(strings.ReplaceAll(answer, "ID", r.ClientID)) })
				reply, err := u.Request(t.Context(), "shout", c.fields)
				sent := s.requestsOf("shout")[0]
				if err != nil || string(reply.JSON) != strings.ReplaceAll(answer, "ID", sent.ClientID) {
					t.Errorf("%s: got %s, %v; want %s", name, reply.JSON, err, answer)
				}
				if got := strings.ReplaceAll(string(sent.raw), sent.ClientID, "ID"); got != c.want {
					t.Errorf("%s: sent %s, want %s", name, got, c.want)
				}
				var decoded struct{ ClientID string }
				if err := reply.Decode(&decoded); err != nil || decoded.ClientID != sent.ClientID {
					t.Errorf("decoded %+v, %v", decoded, err)
				}
				u.got("lobby")
				if len(u.failures()) > 0 {
					t.Errorf("reported %q", u.failures())
				}
			})
		}
	}
}

// serialSubtest runs one of many tests of a table that is not parallel.
func serialSubtest(t *testing.T, test func(t *testing.T, s *server)) {
	t.Helper()
	t.Run("", func(t *testing.T) { inBubbleSerial(t, test) })
}

// Invalid requests are refused before they are sent.
func TestInvalidRequestsAreRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		before := s.requestCount()
		for _, c := range []struct {
			action, code string
			fields       any
		}{
			{"", "bad_field", nil},
			{"sendMessage", "bad_field", nil},
			{"refresh", "bad_field", nil},
			{"$connect", "bad_field", nil},
			{"$default", "bad_field", nil},
			{"a\nb", "bad_field", nil},
			{"a\xff", "bad_field", nil},
			{strings.Repeat("x", 129), "bad_field", nil},
			{"shout", "bad_field", 5},
			{"shout", "bad_field", "text"},
			{"shout", "bad_field", []int{1}},
			{"shout", "bad_field", []byte("{}")},
			{"shout", "bad_field", map[string]any{"action": "other"}},
			{"shout", "bad_field", map[string]any{"clientId": "mine"}},
			{"shout", "bad_field", struct{ ClientID string }{"mine"}},
			{"shout", "message_too_large", map[string]any{"text": strings.Repeat("x", 32<<10)}},
			{"shout", "bad_frame", map[string]any{"deep": json.RawMessage(strings.Repeat("[", 32) + strings.Repeat("]", 32))}},
		} {
			var refused *roomcastclient.Error
			if _, err := u.Request(t.Context(), c.action, c.fields); !errors.As(err, &refused) || string(refused.Code) != c.code {
				t.Errorf("%.20q with %.40v: got %v, want %s", c.action, c.fields, err, c.code)
			}
		}
		if n := s.requestCount() - before; n > 0 {
			t.Errorf("%d frames were sent", n)
		}
	})
}

// Only the application knows what a copy would do.
func TestRequestIsSentOnce(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(s *server, p *peer, r request)
		want   string // the code of the error
	}{
		"no answer":   {func(*server, *peer, request) {}, "timeout"},
		"cut":         {func(_ *server, p *peer, _ request) { p.cut() }, "outcome_unknown"},
		"unavailable": {func(_ *server, p *peer, r request) { p.refuse(r, protocol.CodeUnavailable, time.Second) }, "unavailable"},
		"broken":      {func(_ *server, p *peer, _ request) { p.postRaw(broken) }, "unavailable"},
		"its own code": {func(_ *server, p *peer, r request) {
			p.postRaw(fmt.Sprintf(`{"type":"error","clientId":%q,"code":"too_loud","message":"quiet, please"}`, r.ClientID))
		}, "too_loud"},
		"an odd error": {func(_ *server, p *peer, r request) {
			p.postRaw(fmt.Sprintf(`{"type":"error","clientId":%q,"code":"too_loud","message":{"en":"quiet"}}`, r.ClientID))
		}, "too_loud"},
		"not in the room": {func(_ *server, p *peer, r request) { p.refuse(r, protocol.CodeNotInRoom, 0) }, "not_in_room"},
		"unknown":         {func(_ *server, p *peer, r request) { p.refuse(r, protocol.CodeUnknownAction, 0) }, "unknown_action"},
		"closed":          {func(s *server, p *peer, _ request) { go func() { _ = p.socket.Close(1009, "") }() }, "message_too_large"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s *server) {
				u := connect(t, s)
				u.join("lobby")
				s.route("shout", func(p *peer, r request) { c.answer(s, p, r) })
				start := time.Now()
				_, err := u.Request(t.Context(), "shout", nil)
				var reported *roomcastclient.Error
				if !errors.As(err, &reported) || string(reported.Code) != c.want || time.Since(start) > time.Minute {
					t.Errorf("got %v after %v, want %s", err, time.Since(start), c.want)
				}
				if c.want == "timeout" && !strings.Contains(err.Error(), "return the clientId") {
					t.Errorf("got %v, want what is probably missing", err)
				}
				pass()
				if n := len(s.requestsOf("shout")); n != 1 {
					t.Errorf("sent %d times, want once", n)
				}
				u.send("lobby", "next")
				u.got("lobby", "next")
			})
		})
	}
}

// A request for which the server did nothing is sent again, and one that waits for
// its connection is sent on it.
func TestRequestIsSentAgainIfNothingWasDone(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		codes := []protocol.Code{protocol.CodeRateLimited, protocol.CodeNotConnected}
		s.route("shout", func(p *peer, r request) {
			if len(codes) == 0 {
				p.postRaw(fmt.Sprintf(`{"type":"shouted","clientId":%q}`, r.ClientID))
				return
			}
			p.refuse(r, codes[0], time.Second)
			codes = codes[1:]
		})
		if reply, err := u.Request(t.Context(), "shout", nil); err != nil || reply.Type != "shouted" || len(s.requestsOf("shout")) != 3 {
			t.Errorf("got %+v, %v after %d times", reply, err, len(s.requestsOf("shout")))
		}
		s.locked(func() { s.refuse = true; s.cutAll() })
		synctest.Wait()
		done := make(chan error, 1)
		go func() { _, err := u.Request(t.Context(), "shout", nil); done <- err }()
		sleep(10 * time.Second)
		s.locked(func() { s.refuse = false })
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// The client pauses between two attempts, whatever the function asks for.
func TestRequestIsNotRepeatedWithoutAPause(t *testing.T) {
	for _, after := range []string{"9000000000000000", "9300000000000", "-9000000000000000", `"soon"`} {
		serialSubtest(t, func(t *testing.T, s *server) {
			u := connect(t, s)
			s.route("shout", func(p *peer, r request) {
				p.postRaw(fmt.Sprintf(`{"type":"error","clientId":%q,"code":"rate_limited","message":"not yet","retryAfterMs":%s}`, r.ClientID, after))
			})
			if _, err := u.Request(t.Context(), "shout", nil); roomcastclient.CodeOf(err) != roomcastclient.CodeTimeout {
				t.Errorf("%s: got %v", after, err)
			}
			if n := len(s.requestsOf("shout")); n > 100 {
				t.Errorf("%s: sent %d times", after, n)
			}
		})
	}
}

// OnFrame receives them as they are, alone and in a batch. The client does not
// look at their fields.
func TestFramesOfUnknownTypes(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		var got []string
		u := newUser(t)
		u.start(s, func(o *roomcastclient.Options) {
			o.OnFrame = func(f roomcastclient.Frame) { u.locked(func() { got = append(got, f.Type+" "+string(f.JSON)) }) }
		})
		u.join("lobby")
		frames := []string{
			`{"type":"poll","seq":"seven","users":{},"rooms":1}`,
			`{"poll":1}`,
			`{"type":5}`,
			`{"message":"no type"}`,
			`{"type":"shouted","clientId":"long ago"}`,
		}
		s.locked(func() {
			for _, frame := range frames {
				s.peers[0].postRaw(frame)
			}
			s.peers[0].postRaw(`{"type":"batch","frames":[` + strings.Join(frames, ",") + `]}`)
			s.peers[0].postRaw(broken)
			s.peers[0].postRaw(`{"type":"ack","clientId":"long ago"}`)
		})
		synctest.Wait()
		if len(got) != 2*len(frames) || got[0] != "poll "+frames[0] || got[1] != " "+frames[1] || got[2] != " "+frames[2] {
			t.Errorf("got %q", got)
		}
		if len(u.failures()) > 0 {
			t.Errorf("reported %q", u.failures())
		}
		u.send("lobby", "hi")
		u.got("lobby", "hi")
	})
}

// The JSON is that of the TypeScript client, and positions stored earlier are
// still read.
func TestPositionJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    any
		want string
	}{
		{roomcastclient.Position{Seq: 42, Epoch: "01J8Z3"}, `{"seq":42,"epoch":"01J8Z3"}`},
		{roomcastclient.Position{}, `{"seq":0,"epoch":""}`},
		{roomcastclient.TextPosition(5, 12.5), `{"line":5,"column":12.5}`},
		{roomcastclient.PlanePosition(0, -1), `{"x":0,"y":-1}`},
	} {
		if got, err := json.Marshal(c.v); err != nil || string(got) != c.want {
			t.Errorf("%+v: got %s, %v, want %s", c.v, got, err, c.want)
		}
	}
	for _, stored := range []string{`{"seq":42,"epoch":"01J8Z3"}`, `{"Seq":42,"Epoch":"01J8Z3"}`} {
		var at roomcastclient.Position
		if err := json.Unmarshal([]byte(stored), &at); err != nil || at != (roomcastclient.Position{Seq: 42, Epoch: "01J8Z3"}) {
			t.Errorf("%s: got %+v, %v", stored, at, err)
		}
	}
	var cursor roomcastclient.CursorPosition
	if err := json.Unmarshal([]byte(`{"x":1,"y":2}`), &cursor); err != nil {
		t.Error(err)
	}
	if x, y, ok := cursor.Plane(); !ok || x != 1 || y != 2 {
		t.Errorf("got %v, %v, %v", x, y, ok)
	}
}
