package roomlog_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// TestRecoverPages recovers more than fits into a frame, page by page.
func TestRecoverPages(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 200, 5000, protocol.MaxMessage} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, realtimetest.NoRates)
			const count = 300
			for i := range count {
				w.PublishText("lobby", fmt.Sprintf("%d %s", i+1, strings.Repeat("x", size))[:size])
			}
			w.AddConnection("c1", "ada")
			joined := w.Answer("join", "c1", `{"action":"join","roomId":"lobby","since":7,"epoch":"id1"}`)
			page := joined.(protocol.Joined).Page
			next := int64(8)
			for frames := 1; ; frames++ {
				if n := len(realtimetest.Encode(t, joined)); n > protocol.MaxFrame {
					t.Errorf("a frame has %d bytes", n)
				}
				for _, m := range page.Messages {
					if m.Seq != next {
						t.Fatalf("got seq %d, want %d", m.Seq, next)
					}
					next++
				}
				if page.Seq != next-1 || !page.Recovered {
					t.Errorf("the page ends at %d, recovered %v, want %d", page.Seq, page.Recovered, next-1)
				}
				if !page.More {
					break
				}
				if frames > count {
					t.Fatal("there is no end")
				}
				joined = w.Answer("history", "c1", fmt.Sprintf(`{"action":"history","roomId":"lobby","since":%d,"epoch":"id1"}`, page.Seq))
				page = joined.(protocol.History).Page
			}
			if next != count+1 {
				t.Errorf("the last is %d, want %d", next-1, count)
			}
		})
	}
}

// TestRecoverTooFarBack asks for more than is kept: by count, and by time.
func TestRecoverTooFarBack(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada")
		for i := range roomlog.DefaultRetention.Count + 1 {
			w.PublishText("lobby", fmt.Sprint(i+1))
		}
		join := func(since int64) protocol.Page {
			return w.Answer("join", "c1", fmt.Sprintf(`{"action":"join","roomId":"lobby","since":%d,"epoch":"id1"}`, since)).(protocol.Joined).Page
		}
		if page := join(1); !page.Recovered {
			w.Errorf("exactly what is kept: got recovered %v", page.Recovered)
		}
		page := join(0)
		if page.Recovered || page.Seq != 1001 || len(page.Messages) != 50 || page.Messages[0].Seq != 952 || page.Messages[49].Seq != 1001 {
			w.Errorf("one more than is kept: got recovered %v, seq %d and %d messages", page.Recovered, page.Seq, len(page.Messages))
		}
		time.Sleep(roomlog.DefaultRetention.Age - time.Hour)
		w.PublishText("lobby", "late")
		time.Sleep(2 * time.Hour) // all but the last one have expired
		w.AddConnection("c1", "ada")
		for since, recovered := range map[int64]bool{900: false, 1000: false, 1001: true, 1002: true} {
			if page := join(since); page.Recovered != recovered || page.Seq != 1002 {
				w.Errorf("since %d: got recovered %v, seq %d", since, page.Recovered, page.Seq)
			}
		}
	})
}

// TestMovedMessageExpiresEarly has a copy of a message from minutes ago among
// later ones. It expires before they do, and no client may learn that it was
// never there.
func TestMovedMessageExpiresEarly(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		_, service := w.Life(3, false)
		send := roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "moved", ClientID: "x"}
		if _, err := service.Publish(w.Context(), send); err == nil {
			w.Fatal("the sender did not die")
		}
		begin := time.Now()
		time.Sleep(sends.Window)
		w.PublishText("lobby", "two")
		w.RecoverFrom(0) // puts a tombstone at seq 1
		if r, err := w.Publish(w.Context(), send); err != nil || r.Seq != 3 {
			w.Fatalf("got %+v, %v, want seq 3", r, err)
		}
		w.PublishText("lobby", "four")
		time.Sleep(time.Until(begin.Add(roomlog.DefaultRetention.Age + time.Minute)))
		w.Memory.Sweep()
		if page := w.RecoverFrom(2); page.Recovered {
			w.Errorf("got %+v, and moved is gone", page)
		}
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "lobby")
	for i := range 5 {
		w.PublishText("lobby", fmt.Sprint(i+1))
	}
	page := func(frame string) protocol.Page {
		t.Helper()
		h, ok := w.Answer("history", "c1", frame).(protocol.History)
		if !ok {
			t.Fatalf("%s was refused", frame)
		}
		return h.Page
	}
	for frame, want := range map[string]string{
		`{"action":"history"}`:                            "1 2 3 4 5, seq 1, more false",
		`{"action":"history","limit":2}`:                  "4 5, seq 4, more true",
		`{"action":"history","limit":2,"before":4}`:       "2 3, seq 2, more true",
		`{"action":"history","limit":2,"before":2}`:       "1, seq 1, more false",
		`{"action":"history","before":1}`:                 ", seq 1, more false",
		`{"action":"history","before":99}`:                "1 2 3 4 5, seq 1, more false",
		`{"action":"history","since":3,"epoch":"id1"}`:    "4 5, seq 5, more false",
		`{"action":"history","roomId":"lobby","since":0}`: "1 2 3 4 5, seq 5, more false",
	} {
		p := page(frame)
		if got := fmt.Sprintf("%s, seq %d, more %v", realtimetest.Texts(p.Messages), p.Seq, p.More); got != want || !p.Recovered || p.Epoch != "id1" {
			t.Errorf("%s: got %s, recovered %v, want %s", frame, got, p.Recovered, want)
		}
	}
	w.PublishText("secret", "plan")
	w.WantFrame(w.Answer("history", "c1", `{"action":"history","roomId":"secret","clientId":"x"}`),
		`{"type":"error","code":"not_in_room","message":"join the room \"secret\" before reading its history","clientId":"x"}`)
	w.WantFrame(w.Answer("history", "c1", `{"action":"history","roomId":"lobby","since":9,"epoch":"id1"}`),
		`{"type":"error","code":"unknown_position","message":"since: 9 is beyond the room's newest message: join without since and epoch, and fetch again what you show"}`)
}
