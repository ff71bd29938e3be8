package chaos

import (
	"testing"
	"time"
)

// API Gateway's own error names no request: it is the answer to the only one that
// is open, and to none of several.
func TestAnErrorOfAPIGateways(t *testing.T) {
	t.Parallel()
	for open := range 3 {
		c := &raw{waiting: map[string]chan reply{}}
		answers := make(chan reply, 2)
		for _, id := range []string{"q1", "q2"}[:open] {
			c.waiting[id] = answers
		}
		c.take(reply{Message: "Internal server error"}, time.Now())
		want := 0
		if open == 1 {
			want = 1
		}
		if len(answers) != want {
			t.Errorf("%d open: %d are answered, want %d", open, len(answers), want)
		}
		if want == 1 {
			if f := <-answers; f.Type != "error" || f.Code != "unavailable" {
				t.Errorf("the answer is %+v", f)
			}
		}
		if len(c.guest.Heard) > 0 {
			t.Errorf("it was heard as %+v", c.guest.Heard)
		}
	}
}

// What comes by itself is kept, whether it is a message or a cursor.
func TestWhatAGuestHears(t *testing.T) {
	t.Parallel()
	c := &raw{waiting: map[string]chan reply{}}
	c.take(reply{Type: "cursor", RoomID: "lobby", UserID: "ada", Position: struct{ X float64 }{3}}, at(1))
	c.take(reply{Type: "message", RoomID: "lobby", UserID: "ada", Message: "hello", Seq: 4, ID: "m"}, at(1))
	c.take(reply{Type: "ack", ClientID: "nobody's"}, at(1))
	want := []Heard{
		{At: at(1), Type: "cursor", Room: "lobby", User: "ada", X: 3},
		{At: at(1), Type: "message", Room: "lobby", User: "ada", Text: "hello", Seq: 4, ID: "m"},
	}
	if len(c.guest.Heard) != 2 || c.guest.Heard[0] != want[0] || c.guest.Heard[1] != want[1] {
		t.Errorf("heard %+v, want %+v", c.guest.Heard, want)
	}
}
