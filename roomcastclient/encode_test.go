package roomcastclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/badinputs"
	"github.com/roomcast/roomcast/roomcastclient"
)

// Besides the table: each value is refused as a notification and as a field of a
// request, and similar valid values are sent unchanged.
func TestValuesThatJSONCannotHold(t *testing.T) {
	type labelled struct {
		Label string
		Next  *labelled `json:",omitempty"`
		note  string
		Skip  string `json:"-"`
	}
	parent := &tree{Label: "�"}
	parent.Child = &tree{Parent: parent}
	bad := []any{
		"a\xff", map[string]int{"\xed\xa0\x80": 1}, []labelled{{Label: "a", Next: &labelled{Label: "\xc3"}}},
		[2]any{1, "\xff"}, json.RawMessage("\"\xff\""), json.RawMessage(`"\ud800"`), json.RawMessage(`["\ude00\ud83d"]`),
		json.RawMessage(`{"\ud83dx":1}`), json.RawMessage(`"\ud83d\u0041"`), json.RawMessage(`tru`), json.RawMessage(`1 2`), json.RawMessage(``),
		complex(1, 2), struct{ F func() }{func() {}}, map[[2]int]int{{1, 2}: 3}, json.Number("1x"), badinputs.BadMarshaler{Err: context.Canceled},
		byPointer{"\xff"}, map[string]byPointer{"a": {"\xff"}},
	}
	good := map[string]any{
		`null`:                               nil,
		`"�"`:                                "�",
		`"\ufffd"`:                           json.RawMessage(`"\ufffd"`),
		`{"a":"\\ud800"}`:                    map[string]any{"a": `\ud800`},
		`"\ud83d\ude00"`:                     json.RawMessage(`"\ud83d\ude00"`),
		`"\ud83d\ude00\ud83d\ude00"`:         json.RawMessage(`"\ud83d\ude00\ud83d\ude00"`),
		`["<&>"]`:                            []string{"<&>"},
		`{"Label":"�"}`:                      labelled{Label: "�", note: "\xff", Skip: "\xff"},
		`{"Label":"�","Child":{"Label":""}}`: parent,
		`["fine","fine"]`:                    []any{&byPointer{"\xff"}, &byPointer{"\xff"}},
		`{"raw":"\ufffd"}`:                   map[string]json.RawMessage{"raw": json.RawMessage(`"\ufffd"`)},
	}
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		before := s.requestCount()
		for _, v := range bad {
			var refused *roomcastclient.Error
			if _, err := u.Notify(t.Context(), []string{"bob"}, v); !errors.As(err, &refused) || refused.Code != "bad_field" || !strings.HasPrefix(refused.Message, "notification: ") {
				t.Errorf("%#v in a notification: got %v", v, err)
			}
			if _, err := u.Request(t.Context(), "shout", map[string]any{"v": v}); !errors.As(err, &refused) || refused.Code != "bad_field" || !strings.HasPrefix(refused.Message, "fields: ") {
				t.Errorf("%#v in a request: got %v", v, err)
			}
		}
		if n := s.requestCount() - before; n > 0 {
			t.Errorf("%d frames were sent", n)
		}
		if _, err := u.Notify(t.Context(), []string{"bob"}, badinputs.BadMarshaler{Err: context.Canceled}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want the marshaler's own error in it", err)
		}
		for want, v := range good {
			if _, err := u.Notify(t.Context(), []string{"bob"}, v); err != nil {
				t.Errorf("%s: got %v", want, err)
			}
			if sent := s.requestsOf("notify"); string(sent[len(sent)-1].Notification) != want {
				t.Errorf("sent %s, want %s", sent[len(sent)-1].Notification, want)
			}
		}
	})
}

// byPointer encodes itself if it is addressable. Otherwise its fields are encoded.
type byPointer struct{ Text string }

func (*byPointer) MarshalJSON() ([]byte, error) { return []byte(`"fine"`), nil }

// Huge and deep values exhaust neither the memory nor the stack.
func TestHugeValuesAreRefused(t *testing.T) {
	type node struct{ Next *node }
	list, deep, twice, cycle := &node{}, any(nil), any("x"), &node{}
	cycle.Next = &node{cycle}
	for range 2_000_000 {
		list, deep = &node{list}, []any{deep}
	}
	for range 40 {
		twice = []any{twice, twice}
	}
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		u.join("lobby")
		before := s.requestCount()
		for _, c := range []struct {
			v    any
			code string
		}{
			{list, "bad_frame"},
			{deep, "bad_frame"},
			{map[string]any{"deep": deep}, "bad_frame"},
			{twice, "message_too_large"},
			{make([]int64, 1<<21), "message_too_large"},
			{make([]byte, 1<<21), "message_too_large"},
			{json.RawMessage(make([]byte, 1<<21)), "message_too_large"},
			{strings.Repeat("\xff", 1<<21), "message_too_large"},
			{cycle, "bad_field"},
			{map[string]any{"a": cycle, "b": cycle}, "bad_field"},
		} {
			var refused *roomcastclient.Error
			if _, err := u.Notify(t.Context(), []string{"bob"}, c.v); !errors.As(err, &refused) || string(refused.Code) != c.code {
				t.Errorf("%.30T in a notification: got %v, want %s", c.v, err, c.code)
			}
			if _, err := u.Request(t.Context(), "shout", map[string]any{"v": c.v}); !errors.As(err, &refused) || string(refused.Code) != c.code {
				t.Errorf("%.30T in a request: got %v, want %s", c.v, err, c.code)
			}
		}
		if n := s.requestCount() - before; n > 0 {
			t.Errorf("%d frames were sent", n)
		}
	})
}

// tree has a cycle that its JSON does not have.
type tree struct {
	Label  string
	Child  *tree `json:",omitempty"`
	Parent *tree `json:"-"`
}

// The client refuses nothing that the server accepts.
func TestSizesAtTheLimitAreAccepted(t *testing.T) {
	inBubble(t, func(t *testing.T, s *server) {
		u := connect(t, s)
		room := strings.Repeat("😀", 128)
		u.join(room)
		for _, text := range []string{strings.Repeat("x", 16<<10), strings.Repeat("<", 16<<10), strings.Repeat("\x01", 4778), "\u2028"} {
			if _, err := u.Room(room).Send(t.Context(), text, roomcastclient.WithIdempotencyKey(strings.Repeat("é", 64))); err != nil {
				t.Errorf("%.20q: %v", text, err)
			}
			sleep(5 * time.Minute) // until the name is free
		}
		for _, n := range []string{strings.Repeat("x", 16<<10-2), strings.Repeat("<", 16<<10-2), strings.Repeat("語", 5460)} {
			if _, err := u.Notify(t.Context(), []string{"bob"}, n); err != nil {
				t.Errorf("%.20q: %v", n, err)
			}
		}
		ids := make([]string, 300)
		for i := range ids {
			ids[i] = fmt.Sprintf("%s%04d", strings.Repeat("😀", 60), i)
		}
		if err := u.Acknowledge(t.Context(), ids...); err != nil {
			t.Error(err)
		}
		named := 0
		for _, r := range s.requestsOf("ackNotification") {
			named += len(r.IDs)
		}
		if named != 300 {
			t.Errorf("%d ids were acknowledged, want 300", named)
		}
		if _, err := u.Room(room).History(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
