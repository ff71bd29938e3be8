package messages_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/messages"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// TestCrashOfASender crashes the function of a send before and after each of its calls,
// while a reader may or may not resolve the gap that it left. The copy that the sender sends
// then gets its ack, and every promise holds: one message, delivered to everybody, and a
// complete recovery.
func TestCrashOfASender(t *testing.T) {
	t.Parallel()
	for _, resolved := range []bool{false, true} {
		for _, after := range []bool{false, true} {
			for left := 0; ; left++ {
				calls := 0
				t.Run(fmt.Sprintf("call %d, effect %v, resolved %v", left, after, resolved), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newWorldAt(t, time.Now)
						calls = w.crashAndSendAgain(left, after, resolved)
					})
				})
				if calls <= left { // it no longer crashed
					break
				}
			}
		}
	}
}

// crashAndSendAgain returns how many calls the crashing function made.
func (w *world) crashAndSendAgain(left int, after, resolved bool) int {
	w.AddConnection("c1", "ada", "lobby")
	w.AddConnection("c2", "bob", "lobby")
	w.PublishText("lobby", "before")
	send := roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: "x"}
	dead, service := w.Life(left, after)
	first, firstErr := service.Publish(w.Context(), send)
	if resolved {
		w.RecoverFrom(1)
	}
	second, err := w.Publish(w.Context(), send)
	if err != nil {
		w.Fatalf("the copy: %v", err)
	}
	if firstErr == nil && first != second {
		w.Errorf("the acks differ: %+v and %+v", first, second)
	}
	w.PublishText("lobby", "after")

	page := w.RecoverFrom(1)
	var texts []string
	for _, m := range page.Messages {
		texts = append(texts, m.Message)
	}
	if !page.Recovered || page.More || fmt.Sprint(texts) != "[hello after]" || page.Messages[0].ID != second.ID || page.Messages[0].Seq != second.Seq {
		w.Errorf("recovered %+v, want hello at seq %d and after", page, second.Seq)
	}
	// One of the two functions posted to every member.
	for _, id := range []string{"c1", "c2"} {
		seen := map[string]bool{}
		for _, frame := range w.Poster.Posted(id) {
			seen[frame] = true
		}
		if len(seen) != 3 {
			w.Errorf("%s got %d different frames, want before, hello and after", id, len(seen))
		}
	}
	return dead.Calls
}

// TestCrashOfANotify crashes the function of a notify at each of its calls. Its user may
// read the inbox, and acknowledge, before the copy comes: an acknowledged notification does
// not come back, and nothing is lost.
func TestCrashOfANotify(t *testing.T) {
	t.Parallel()
	for _, after := range []bool{false, true} {
		for left := 0; ; left++ {
			calls := 0
			t.Run(fmt.Sprintf("call %d, effect %v", left, after), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorldAt(t, time.Now)
					calls = w.crashAndNotifyAgain(left, after)
				})
			})
			if calls <= left { // it no longer crashed
				break
			}
		}
	}
}

// crashAndNotifyAgain returns how many calls the crashing function made.
func (w *world) crashAndNotifyAgain(left int, after bool) int {
	w.AddConnection("c1", "bob")
	notice := inbox.Notice{UserIDs: []string{"bob"}, From: "ada", Notification: []byte(`1`), ClientID: "x"}
	dead, service := w.Life(left, after)
	first, firstErr := service.NotifyUsers(w.Context(), notice)
	read := func() []protocol.Notification {
		return w.Answer("inbox", "c1", `{"action":"inbox"}`).(protocol.Inbox).Notifications
	}
	early := read()
	for _, n := range early {
		w.Answer("ackNotification", "c1", fmt.Sprintf(`{"action":"ackNotification","ids":[%q]}`, n.ID))
	}
	second, err := w.NotifyUsers(w.Context(), notice)
	if err != nil {
		w.Fatalf("the copy: %v", err)
	}
	if firstErr == nil && first.ID != second.ID {
		w.Errorf("the receipts differ: %+v and %+v", first, second)
	}
	if all := append(early, read()...); len(all) != 1 || all[0].ID != second.ID {
		w.Errorf("the inbox had %+v in all, want %s once", all, second.ID)
	}
	return dead.Calls
}

// TestCopiesAtTheSameTime sends copies of a message concurrently: one is accepted, and all
// get the same ack.
func TestCopiesAtTheSameTime(t *testing.T) {
	t.Parallel()
	w := newWorldAt(t, time.Now)
	w.AddConnection("c1", "ada", "lobby")
	const copies = 20
	receipts := make([]messages.Receipt, copies)
	var wg sync.WaitGroup
	for i := range copies {
		wg.Go(func() {
			var err error
			receipts[i], err = w.Publish(t.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: "x"})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, r := range receipts {
		if r != receipts[0] {
			t.Errorf("got the receipts %+v and %+v", receipts[0], r)
		}
	}
	if page := w.RecoverFrom(0); len(page.Messages) != 1 || !page.Recovered {
		t.Errorf("the log has %+v", page)
	}
}

// TestClientIDNames: a clientId names one user's message to one room.
func TestClientIDNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.AddConnection("c1", "ada", "lobby", "tea")
	w.AddConnection("c2", "bob", "lobby")
	send := func(connectionID, roomID, text string) string {
		return realtimetest.Encode(t, w.Answer("sendMessage", connectionID, fmt.Sprintf(`{"action":"sendMessage","roomId":%q,"message":%q,"clientId":"x"}`, roomID, text)))
	}
	first := send("c1", "lobby", "hello")
	if again := send("c1", "lobby", "hello"); again != first {
		t.Errorf("a copy got %s, the first %s", again, first)
	}
	if other := send("c1", "tea", "hello"); other == first {
		t.Errorf("in another room: got %s too", other)
	}
	if other := send("c2", "lobby", "hello"); other == first {
		t.Errorf("by another user: got %s too", other)
	}
	const refused = `{"type":"error","code":"bad_field","message":"clientId: \"x\" named another message within the last 5m0s","clientId":"x"}`
	if other := send("c1", "lobby", "good bye"); other != refused {
		t.Errorf("another text: got %s, want %s", other, refused)
	}
}

// TestClientIDIsForgotten sends again after the window: that is another message.
func TestClientIDIsForgotten(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		send := roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: "x"}
		first, err := w.Publish(w.Context(), send)
		if err != nil {
			w.Fatal(err)
		}
		time.Sleep(sends.Window)
		if again, _ := w.Publish(w.Context(), send); again != first {
			w.Errorf("at the end of the window: got %+v, want %+v", again, first)
		}
		time.Sleep(2 * time.Minute)
		if again, _ := w.Publish(w.Context(), send); again.Seq != 2 {
			w.Errorf("after the window: got %+v, want a second message", again)
		}
	})
}
