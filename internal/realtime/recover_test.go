package realtime_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime"
)

// texts returns the texts of messages, one after the other.
func texts(messages []protocol.Message) string {
	var all []string
	for _, m := range messages {
		all = append(all, m.Message)
	}
	return strings.Join(all, " ")
}

// TestRecoverPages recovers more than fits in a frame, page by page.
func TestRecoverPages(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 200, 5000, protocol.MaxMessage} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			const count = 300
			for i := range count {
				w.publishText("lobby", fmt.Sprintf("%d %s", i+1, strings.Repeat("x", size))[:size])
			}
			w.connect("c1", "ada")
			joined := w.do("join", "c1", `{"action":"join","roomId":"lobby","since":7,"epoch":"id1"}`)
			page := joined.(protocol.Joined).Page
			next := int64(8)
			for frames := 1; ; frames++ {
				if n := len(encode(t, joined)); n > protocol.MaxFrame {
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
				joined = w.do("history", "c1", fmt.Sprintf(`{"action":"history","roomId":"lobby","since":%d,"epoch":"id1"}`, page.Seq))
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
		w.connect("c1", "ada")
		for i := range realtime.DefaultRetention.Count + 1 {
			w.publishText("lobby", fmt.Sprint(i+1))
		}
		join := func(since int64) protocol.Page {
			return w.do("join", "c1", fmt.Sprintf(`{"action":"join","roomId":"lobby","since":%d,"epoch":"id1"}`, since)).(protocol.Joined).Page
		}
		if page := join(1); !page.Recovered {
			w.Errorf("exactly what is kept: got recovered %v", page.Recovered)
		}
		page := join(0)
		if page.Recovered || page.Seq != 1001 || len(page.Messages) != 50 || page.Messages[0].Seq != 952 || page.Messages[49].Seq != 1001 {
			w.Errorf("one more than is kept: got recovered %v, seq %d and %d messages", page.Recovered, page.Seq, len(page.Messages))
		}
		time.Sleep(realtime.DefaultRetention.Age - time.Hour)
		w.publishText("lobby", "late")
		time.Sleep(2 * time.Hour) // all have expired but the last one
		w.connect("c1", "ada")
		for since, recovered := range map[int64]bool{900: false, 1000: false, 1001: true, 1002: true} {
			if page := join(since); page.Recovered != recovered || page.Seq != 1002 {
				w.Errorf("since %d: got recovered %v, seq %d", since, page.Recovered, page.Seq)
			}
		}
	})
}

// TestHoleIsSettled has seqs that were taken and never used, at the end of the
// log and in the midst of it.
func TestHoleIsSettled(t *testing.T) {
	bubble(t, func(w *world) {
		w.publishText("lobby", "one")
		take := func() {
			if _, err := w.memory.Advance(w.Context(), "lobby", "lost", time.Now()); err != nil {
				w.Fatal(err)
			}
		}
		take()
		take()
		start := time.Now()
		page := w.recoverFrom(1)
		if took := time.Since(start); took > 1100*time.Millisecond {
			w.Errorf("took %v, want about a second", took)
		}
		if !page.Recovered || page.Seq != 3 || len(page.Messages) != 0 {
			w.Errorf("got %+v, want nothing up to seq 3", page)
		}
		take()
		w.publishText("lobby", "five")
		time.Sleep(time.Minute)
		start = time.Now()
		if page := w.recoverFrom(0); !page.Recovered || page.Seq != 5 || texts(page.Messages) != "one five" {
			w.Errorf("got %+v", page)
		}
		if took := time.Since(start); took != 0 {
			w.Errorf("an old hole took %v", took)
		}
	})
}

// TestHoleInAHistory goes back over holes: they are settled there too.
func TestHoleInAHistory(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		take := func() {
			if _, err := w.memory.Advance(w.Context(), "lobby", "lost", time.Now()); err != nil {
				w.Fatal(err)
			}
		}
		take()
		w.publishText("lobby", "two")
		take()
		w.publishText("lobby", "four")
		take()
		page := w.do("history", "c1", `{"action":"history"}`).(protocol.History).Page
		if texts(page.Messages) != "two four" || page.Seq != 1 || page.More {
			w.Errorf("got %+v", page)
		}
		for _, seq := range []int64{1, 3, 5} {
			there, err := w.memory.Put(w.Context(), realtime.Entry{RoomID: "lobby", Seq: seq, ID: "late", ExpiresAt: time.Now().Add(time.Hour)})
			if err != nil || !there.Void() {
				w.Errorf("seq %d holds %+v, %v, want a void", seq, there, err)
			}
		}
	})
}

// TestLateCopyIsNew joins without a position after a sender died, and before its
// copy comes: the message is new to the member, so its seq has to be, too.
func TestLateCopyIsNew(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		w.connect("c2", "bob")
		w.publishText("lobby", "one")
		// The sender claims its send at the next seq, and dies.
		dead, service := w.life(3, false)
		send := realtime.Publication{RoomID: "lobby", UserID: "ada", Message: "two", ClientID: "x"}
		if _, err := service.Publish(w.Context(), send); err == nil || dead.calls != 4 {
			w.Fatalf("got %v after %d calls, want a death before the put", err, dead.calls)
		}
		time.Sleep(2 * time.Minute)
		joined := w.do("join", "c2", `{"action":"join","roomId":"lobby"}`).(protocol.Joined)
		r, err := w.Publish(w.Context(), send)
		if err != nil || r.Seq <= joined.Seq {
			w.Errorf("joined at seq %d, and then got seq %d, %v", joined.Seq, r.Seq, err)
		}
		if again, _ := w.Publish(w.Context(), send); again != r {
			w.Errorf("another copy got %+v, want %+v", again, r)
		}
	})
}

// TestJoinSettlesTheHead joins without a position while a sender is between its
// seq and its message.
func TestJoinSettlesTheHead(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		w.connect("c2", "bob")
		w.publishText("lobby", "one")
		slow := newWorldAt(w.T, time.Now, func(o *realtime.Options) {
			o.Connections, o.Sends, o.Poster = w.memory, w.memory, w.poster
			o.Log = slowLog{w.memory, 300 * time.Millisecond}
		})
		var wg sync.WaitGroup
		wg.Go(func() { slow.publishText("lobby", "two") })
		time.Sleep(time.Millisecond)
		joined := w.do("join", "c2", `{"action":"join","roomId":"lobby"}`).(protocol.Joined)
		if there := w.memory.Messages("lobby"); joined.Seq != 2 || len(there) != 2 {
			w.Errorf("joined at seq %d when the log had %d messages: what comes now is taken for old", joined.Seq, len(there))
		}
		wg.Wait()
	})
}

// TestNewMessageInAnOldRoom recovers a message that is being put into a room
// whose other messages have expired.
func TestNewMessageInAnOldRoom(t *testing.T) {
	bubble(t, func(w *world) {
		w.publishText("lobby", "one")
		time.Sleep(realtime.DefaultRetention.Age)
		slow := newWorldAt(w.T, time.Now, func(o *realtime.Options) {
			o.Connections, o.Sends, o.Poster = w.memory, w.memory, w.poster
			o.Log = slowLog{w.memory, 300 * time.Millisecond}
		})
		var wg sync.WaitGroup
		wg.Go(func() { slow.publishText("lobby", "two") })
		time.Sleep(time.Millisecond)
		if page := w.recoverFrom(1); !page.Recovered || texts(page.Messages) != "two" {
			w.Errorf("got %+v, want two and a whole recovery", page)
		}
		wg.Wait()
	})
	t.Run("by its history", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.publishText("lobby", "one")
			time.Sleep(realtime.DefaultRetention.Age)
			if _, err := w.memory.Advance(w.Context(), "lobby", "lost", time.Now()); err != nil {
				w.Fatal(err)
			}
			w.connect("c1", "ada", "lobby")
			page := w.do("history", "c1", `{"action":"history"}`).(protocol.History).Page
			there, err := w.memory.Put(w.Context(), realtime.Entry{RoomID: "lobby", Seq: 2, ID: "late", ExpiresAt: time.Now().Add(time.Hour)})
			if len(page.Messages) != 0 || err != nil || !there.Void() {
				w.Errorf("got %+v, and seq 2 holds %+v, want a void", page, there)
			}
		})
	})
}

// TestHoleIsFilled has a sender that is a little slow: a recovery waits for it.
func TestHoleIsFilled(t *testing.T) {
	bubble(t, func(w *world) {
		w.publishText("lobby", "one")
		head, err := w.memory.Advance(w.Context(), "lobby", "slow", time.Now())
		if err != nil {
			w.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			time.Sleep(400 * time.Millisecond)
			if _, err := w.memory.Put(w.Context(), realtime.Entry{
				RoomID: "lobby", Seq: head.Seq, ID: "slow", UserID: "bob", Message: "two", Timestamp: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
			}); err != nil {
				w.Error(err)
			}
		})
		if page := w.recoverFrom(1); !page.Recovered || page.Seq != 2 || texts(page.Messages) != "two" {
			w.Errorf("got %+v", page)
		}
		wg.Wait()
	})
}

// slowLog takes its time between giving a seq away and storing the message.
type slowLog struct {
	realtime.Log
	delay time.Duration
}

func (s slowLog) Put(ctx context.Context, e realtime.Entry) (realtime.Entry, error) {
	if !e.Void() {
		time.Sleep(s.delay)
	}
	return s.Log.Put(ctx, e)
}

// TestSlowSenderLosesNothing has a sender so slow that its seq is declared void
// meanwhile: its message gets another one.
func TestSlowSenderLosesNothing(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c2", "bob", "lobby")
		w.publishText("lobby", "one")
		slow := newWorldAt(w.T, time.Now, func(o *realtime.Options) {
			o.Connections, o.Sends, o.Poster = w.memory, w.memory, w.poster
			o.Log = slowLog{w.memory, 1500 * time.Millisecond}
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			r, err := slow.Publish(w.Context(), realtime.Publication{RoomID: "lobby", UserID: "ada", Message: "slow", ClientID: "x"})
			if err != nil || r.Seq != 3 {
				w.Errorf("got %+v, %v, want seq 3", r, err)
			}
		})
		time.Sleep(time.Millisecond)
		if page := w.recoverFrom(1); !page.Recovered || page.Seq != 2 || len(page.Messages) != 0 {
			w.Errorf("got %+v", page)
		}
		wg.Wait()
		if page := w.recoverFrom(1); !page.Recovered || texts(page.Messages) != "slow" || page.Messages[0].Seq != 3 {
			w.Errorf("got %+v", page)
		}
	})
}

// TestHoleOrExpired has a room in which a hole and expired messages look the
// same: what may be expired is never called a whole recovery.
func TestHoleOrExpired(t *testing.T) {
	bubble(t, func(w *world) {
		w.publishText("lobby", "one")
		w.publishText("lobby", "two")
		time.Sleep(realtime.DefaultRetention.Age)
		w.memory.Sweep()
		for since := range int64(2) {
			if page := w.recoverFrom(since); page.Recovered || page.Seq != 2 {
				w.Errorf("since %d: got %+v, but the messages are gone", since, page)
			}
		}
		w.publishText("lobby", "three")
		if page := w.recoverFrom(1); page.Recovered || texts(page.Messages) != "three" {
			w.Errorf("got %+v, but two is gone", page)
		}
		if page := w.recoverFrom(2); !page.Recovered || texts(page.Messages) != "three" {
			w.Errorf("got %+v, and three is all that was missed", page)
		}
	})
}

// TestLateVoidExpiresInTime declares a hole void long after its neighbours were
// written: it must not outlive them, or it would vouch for them.
func TestLateVoidExpiresInTime(t *testing.T) {
	bubble(t, func(w *world) {
		w.publishText("lobby", "one")
		if _, err := w.memory.Advance(w.Context(), "lobby", "lost", time.Now()); err != nil {
			w.Fatal(err)
		}
		w.publishText("lobby", "three")
		time.Sleep(realtime.DefaultRetention.Age - time.Hour)
		if page := w.recoverFrom(1); !page.Recovered || texts(page.Messages) != "three" {
			w.Errorf("got %+v", page)
		}
		time.Sleep(2 * time.Hour)
		w.memory.Sweep()
		if page := w.recoverFrom(2); page.Recovered {
			w.Errorf("got %+v, but three is gone", page)
		}
	})
	t.Run("by a history", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.publishText("lobby", "one")
			if _, err := w.memory.Advance(w.Context(), "lobby", "lost", time.Now()); err != nil {
				w.Fatal(err)
			}
			w.publishText("lobby", "three")
			time.Sleep(realtime.DefaultRetention.Age - time.Hour)
			w.publishText("lobby", "four")
			w.connect("c1", "ada", "lobby")
			w.do("history", "c1", `{"action":"history","before":3}`)
			time.Sleep(2 * time.Hour)
			if page := w.recoverFrom(2); page.Recovered {
				w.Errorf("got %+v, but three is gone", page)
			}
		})
	})
}

// TestMovedMessageExpiresEarly has a copy of a message from minutes ago among
// later ones. It expires before they do, and nobody may be told that it was
// never there.
func TestMovedMessageExpiresEarly(t *testing.T) {
	bubble(t, func(w *world) {
		w.connect("c1", "ada", "lobby")
		_, service := w.life(3, false)
		send := realtime.Publication{RoomID: "lobby", UserID: "ada", Message: "moved", ClientID: "x"}
		if _, err := service.Publish(w.Context(), send); err == nil {
			w.Fatal("the sender did not die")
		}
		begin := time.Now()
		time.Sleep(realtime.SendWindow)
		w.publishText("lobby", "two")
		if r, err := w.Publish(w.Context(), send); err != nil || r.Seq != 3 {
			w.Fatalf("got %+v, %v, want seq 3", r, err)
		}
		w.publishText("lobby", "four")
		time.Sleep(time.Until(begin.Add(realtime.DefaultRetention.Age + time.Minute)))
		w.memory.Sweep()
		if page := w.recoverFrom(2); page.Recovered {
			w.Errorf("got %+v, and moved is gone", page)
		}
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect("c1", "ada", "lobby")
	for i := range 5 {
		w.publishText("lobby", fmt.Sprint(i+1))
	}
	page := func(frame string) protocol.Page {
		t.Helper()
		h, ok := w.do("history", "c1", frame).(protocol.History)
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
		if got := fmt.Sprintf("%s, seq %d, more %v", texts(p.Messages), p.Seq, p.More); got != want || !p.Recovered || p.Epoch != "id1" {
			t.Errorf("%s: got %s, recovered %v, want %s", frame, got, p.Recovered, want)
		}
	}
	w.publishText("secret", "plan")
	w.wantFrame(w.do("history", "c1", `{"action":"history","roomId":"secret","clientId":"x"}`),
		`{"type":"error","code":"not_in_room","message":"join the room \"secret\" before reading its history","clientId":"x"}`)
	w.wantFrame(w.do("history", "c1", `{"action":"history","roomId":"lobby","since":9,"epoch":"id1"}`),
		`{"type":"error","code":"unknown_position","message":"since: 9 is beyond the room's newest message: join without since and epoch, and fetch again what you show"}`)
}
