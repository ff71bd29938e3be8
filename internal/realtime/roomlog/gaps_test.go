package roomlog_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// TestGapIsResolved has seqs that were taken and never used, at the end of the
// log and within it.
func TestGapIsResolved(t *testing.T) {
	bubble(t, func(w *world) {
		w.PublishText("lobby", "one")
		take := func() {
			if _, err := w.Memory.Advance(w.Context(), "lobby", "lost", time.Now(), time.Now().Add(60*24*time.Hour)); err != nil {
				w.Fatal(err)
			}
		}
		take()
		take()
		start := time.Now()
		page := w.RecoverFrom(1)
		if took := time.Since(start); took > 1100*time.Millisecond {
			w.Errorf("took %v, want about a second", took)
		}
		if !page.Recovered || page.Seq != 3 || len(page.Messages) != 0 {
			w.Errorf("got %+v, want nothing up to seq 3", page)
		}
		take()
		w.PublishText("lobby", "five")
		time.Sleep(time.Minute)
		start = time.Now()
		if page := w.RecoverFrom(0); !page.Recovered || page.Seq != 5 || realtimetest.Texts(page.Messages) != "one five" {
			w.Errorf("got %+v", page)
		}
		if took := time.Since(start); took != 0 {
			w.Errorf("an old gap took %v", took)
		}
	})
}

// TestGapInAHistory goes back over gaps: they are resolved there too.
func TestGapInAHistory(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		take := func() {
			if _, err := w.Memory.Advance(w.Context(), "lobby", "lost", time.Now(), time.Now().Add(60*24*time.Hour)); err != nil {
				w.Fatal(err)
			}
		}
		take()
		w.PublishText("lobby", "two")
		take()
		w.PublishText("lobby", "four")
		take()
		page := w.Answer("history", "c1", `{"action":"history"}`).(protocol.History).Page
		if realtimetest.Texts(page.Messages) != "two four" || page.Seq != 1 || page.More {
			w.Errorf("got %+v", page)
		}
		for _, seq := range []int64{1, 3, 5} {
			there, err := w.Memory.Put(w.Context(), roomlog.Entry{RoomID: "lobby", Seq: seq, ID: "late", ExpiresAt: time.Now().Add(time.Hour)})
			if err != nil || !there.Tombstone() {
				w.Errorf("seq %d holds %+v, %v, want a tombstone", seq, there, err)
			}
		}
	})
}

// TestLateCopyIsNew joins without a position after a sender crashed and before its copy
// comes: the message is new to the member, so its seq must be new as well.
func TestLateCopyIsNew(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob")
		w.PublishText("lobby", "one")
		// The sender claims its send at the next seq, and crashes.
		dead, service := w.Life(3, false)
		send := roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "two", ClientID: "x"}
		if _, err := service.Publish(w.Context(), send); err == nil || dead.Calls != 4 {
			w.Fatalf("got %v after %d calls, want a death before the put", err, dead.Calls)
		}
		time.Sleep(2 * time.Minute)
		joined := w.Answer("join", "c2", `{"action":"join","roomId":"lobby"}`).(protocol.Joined)
		r, err := w.Publish(w.Context(), send)
		if err != nil || r.Seq <= joined.Seq {
			w.Errorf("joined at seq %d, and then got seq %d, %v", joined.Seq, r.Seq, err)
		}
		if again, _ := w.Publish(w.Context(), send); again != r {
			w.Errorf("another copy got %+v, want %+v", again, r)
		}
	})
}

// TestJoinResolvesTheGapsBelowTheHead joins without a position while a sender is between its
// seq and its message.
func TestJoinResolvesTheGapsBelowTheHead(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		w.AddConnection("c2", "bob")
		w.PublishText("lobby", "one")
		slow := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections, o.Sends, o.Poster = w.Memory, w.Memory, w.Poster
			o.Log = slowLog{w.Memory, 300 * time.Millisecond}
		})
		var wg sync.WaitGroup
		wg.Go(func() { slow.PublishText("lobby", "two") })
		time.Sleep(time.Millisecond)
		joined := w.Answer("join", "c2", `{"action":"join","roomId":"lobby"}`).(protocol.Joined)
		if there := w.Memory.Messages("lobby"); joined.Seq != 2 || len(there) != 2 {
			w.Errorf("joined at seq %d when the log had %d messages: what comes now is taken for old", joined.Seq, len(there))
		}
		wg.Wait()
	})
}

// TestNewMessageInAnOldRoom recovers a message that is being put into a room
// whose other messages have expired.
func TestNewMessageInAnOldRoom(t *testing.T) {
	bubble(t, func(w *world) {
		w.PublishText("lobby", "one")
		time.Sleep(roomlog.DefaultRetention.Age)
		slow := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections, o.Sends, o.Poster = w.Memory, w.Memory, w.Poster
			o.Log = slowLog{w.Memory, 300 * time.Millisecond}
		})
		var wg sync.WaitGroup
		wg.Go(func() { slow.PublishText("lobby", "two") })
		time.Sleep(time.Millisecond)
		if page := w.RecoverFrom(1); !page.Recovered || realtimetest.Texts(page.Messages) != "two" {
			w.Errorf("got %+v, want two and a whole recovery", page)
		}
		wg.Wait()
	})
	t.Run("by its history", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.PublishText("lobby", "one")
			time.Sleep(roomlog.DefaultRetention.Age)
			if _, err := w.Memory.Advance(w.Context(), "lobby", "lost", time.Now(), time.Now().Add(60*24*time.Hour)); err != nil {
				w.Fatal(err)
			}
			w.AddConnection("c1", "ada", "lobby")
			page := w.Answer("history", "c1", `{"action":"history"}`).(protocol.History).Page
			there, err := w.Memory.Put(w.Context(), roomlog.Entry{RoomID: "lobby", Seq: 2, ID: "late", ExpiresAt: time.Now().Add(time.Hour)})
			if len(page.Messages) != 0 || err != nil || !there.Tombstone() {
				w.Errorf("got %+v, and seq 2 holds %+v, want a tombstone", page, there)
			}
		})
	})
}

// TestGapIsFilled has a slow sender: a recovery waits for it.
func TestGapIsFilled(t *testing.T) {
	bubble(t, func(w *world) {
		w.PublishText("lobby", "one")
		head, err := w.Memory.Advance(w.Context(), "lobby", "slow", time.Now(), time.Now().Add(60*24*time.Hour))
		if err != nil {
			w.Fatal(err)
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			time.Sleep(400 * time.Millisecond)
			if _, err := w.Memory.Put(w.Context(), roomlog.Entry{
				RoomID: "lobby", Seq: head.Seq, ID: "slow", UserID: "bob", Message: "two", Timestamp: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
			}); err != nil {
				w.Error(err)
			}
		})
		if page := w.RecoverFrom(1); !page.Recovered || page.Seq != 2 || realtimetest.Texts(page.Messages) != "two" {
			w.Errorf("got %+v", page)
		}
		wg.Wait()
	})
}

// slowLog waits between giving out a seq and storing the message.
type slowLog struct {
	realtimetest.Log
	delay time.Duration
}

func (s slowLog) Put(ctx context.Context, e roomlog.Entry) (roomlog.Entry, error) {
	if !e.Tombstone() {
		time.Sleep(s.delay)
	}
	return s.Log.Put(ctx, e)
}

// TestSlowSenderLosesNothing has a sender so slow that its seq gets a tombstone meanwhile:
// its message gets another seq.
func TestSlowSenderLosesNothing(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c2", "bob", "lobby")
		w.PublishText("lobby", "one")
		slow := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections, o.Sends, o.Poster = w.Memory, w.Memory, w.Poster
			o.Log = slowLog{w.Memory, 1500 * time.Millisecond}
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			r, err := slow.Publish(w.Context(), roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "slow", ClientID: "x"})
			if err != nil || r.Seq != 3 {
				w.Errorf("got %+v, %v, want seq 3", r, err)
			}
		})
		time.Sleep(time.Millisecond)
		if page := w.RecoverFrom(1); !page.Recovered || page.Seq != 2 || len(page.Messages) != 0 {
			w.Errorf("got %+v", page)
		}
		wg.Wait()
		if page := w.RecoverFrom(1); !page.Recovered || realtimetest.Texts(page.Messages) != "slow" || page.Messages[0].Seq != 3 {
			w.Errorf("got %+v", page)
		}
	})
}

// TestGapOrExpired has a room in which a gap and expired messages look the
// same: the answer never claims a complete recovery if messages may have expired.
func TestGapOrExpired(t *testing.T) {
	bubble(t, func(w *world) {
		w.PublishText("lobby", "one")
		w.PublishText("lobby", "two")
		time.Sleep(roomlog.DefaultRetention.Age)
		w.Memory.Sweep()
		for since := range int64(2) {
			if page := w.RecoverFrom(since); page.Recovered || page.Seq != 2 {
				w.Errorf("since %d: got %+v, but the messages are gone", since, page)
			}
		}
		w.PublishText("lobby", "three")
		if page := w.RecoverFrom(1); page.Recovered || realtimetest.Texts(page.Messages) != "three" {
			w.Errorf("got %+v, but two is gone", page)
		}
		if page := w.RecoverFrom(2); !page.Recovered || realtimetest.Texts(page.Messages) != "three" {
			w.Errorf("got %+v, and three is all that was missed", page)
		}
	})
}

// TestLateTombstoneExpiresInTime puts a tombstone into a gap long after its neighbours were
// written: it must not outlive them, or they would seem to be there still.
func TestLateTombstoneExpiresInTime(t *testing.T) {
	bubble(t, func(w *world) {
		w.PublishText("lobby", "one")
		if _, err := w.Memory.Advance(w.Context(), "lobby", "lost", time.Now(), time.Now().Add(60*24*time.Hour)); err != nil {
			w.Fatal(err)
		}
		w.PublishText("lobby", "three")
		time.Sleep(roomlog.DefaultRetention.Age - time.Hour)
		if page := w.RecoverFrom(1); !page.Recovered || realtimetest.Texts(page.Messages) != "three" {
			w.Errorf("got %+v", page)
		}
		time.Sleep(2 * time.Hour)
		w.Memory.Sweep()
		if page := w.RecoverFrom(2); page.Recovered {
			w.Errorf("got %+v, but three is gone", page)
		}
	})
	t.Run("by a history", func(t *testing.T) {
		bubble(t, func(w *world) {
			w.PublishText("lobby", "one")
			if _, err := w.Memory.Advance(w.Context(), "lobby", "lost", time.Now(), time.Now().Add(60*24*time.Hour)); err != nil {
				w.Fatal(err)
			}
			w.PublishText("lobby", "three")
			time.Sleep(roomlog.DefaultRetention.Age - time.Hour)
			w.PublishText("lobby", "four")
			w.AddConnection("c1", "ada", "lobby")
			w.Answer("history", "c1", `{"action":"history","before":3}`)
			time.Sleep(2 * time.Hour)
			if page := w.RecoverFrom(2); page.Recovered {
				w.Errorf("got %+v, but three is gone", page)
			}
		})
	})
}

// TestLogStartsAgain deletes the head and the log of a room that nobody used for long, but
// leaves one entry: the next message starts a new log.
func TestLogStartsAgain(t *testing.T) {
	bubble(t, func(w *world) {
		w.PublishText("lobby", "one")
		w.PublishText("lobby", "two")
		left := w.Memory.Messages("lobby")[0]
		time.Sleep(roomlog.DefaultRetention.Age + 8*24*time.Hour)
		w.Memory.Sweep()
		if _, err := w.Memory.Put(w.Context(), left); err != nil { // DynamoDB deletes in no order
			w.Fatal(err)
		}
		w.AddConnection("c1", "ada")
		if got := w.Answer("join", "c1", `{"action":"join","roomId":"lobby","since":2,"epoch":"id1"}`); realtimetest.Code(got) != protocol.CodeUnknownPosition {
			w.Errorf("a position in the old log: got %+v", got)
		}
		r := w.PublishText("lobby", "three")
		if r.Seq != 1 {
			w.Errorf("got seq %d, want 1", r.Seq)
		}
		if page := w.RecoverFrom(0); !page.Recovered || realtimetest.Texts(page.Messages) != "three" || page.Epoch != "id3" {
			w.Errorf("got %+v", page)
		}
	})
}

// TestLayoutOutlivesSilence has a split room in which members come and go for weeks, and
// nobody sends: its layout stays, or members would not be found.
func TestLayoutOutlivesSilence(t *testing.T) {
	bubble(t, func(w *world) {
		w.App = newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections, o.Log, o.ShardSize = w.Memory, w.Memory, 4
		}).App
		for hour := 0; hour < 16*24; hour += 2 {
			for i := range 12 {
				id := fmt.Sprint(hour, "-", i)
				w.AddConnection(id, id)
				w.Answer("join", id, `{"action":"join","roomId":"lobby"}`)
			}
			time.Sleep(2 * time.Hour)
			w.Memory.Sweep()
			if head, err := w.Memory.Head(w.Context(), "lobby"); hour > 1 && (err != nil || head.Shards < 2) {
				w.Fatalf("after %d hours: got %+v, %v, want a room of two shards or more", hour, head, err)
			}
		}
	})
}
