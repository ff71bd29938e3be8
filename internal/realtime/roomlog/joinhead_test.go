package roomlog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// lateLog carries out the first put of a message late, even after its call was given up, as
// a slow table may.
type lateLog struct {
	realtimetest.Log
	late  time.Duration
	calls *sync.WaitGroup
	once  atomic.Bool
}

func (l *lateLog) Put(ctx context.Context, e roomlog.Entry) (roomlog.Entry, error) {
	if e.Tombstone() || l.once.Swap(true) {
		return l.Log.Put(ctx, e)
	}
	applied := make(chan roomlog.Entry, 1)
	l.calls.Go(func() {
		time.Sleep(l.late)
		there, err := l.Log.Put(context.WithoutCancel(ctx), e)
		if err == nil {
			applied <- there
		}
	})
	select {
	case there := <-applied:
		return there, nil
	case <-ctx.Done():
		return roomlog.Entry{}, ctx.Err()
	}
}

// TestHeadOfAJoinIsFinal gives clients a head as their position while a message below it is
// being put, with more messages above than fit into a page. The message must not appear
// below the head afterwards: the client would take it for an old one.
func TestHeadOfAJoinIsFinal(t *testing.T) {
	above := map[string][]string{
		"two of 16 KB":      {strings.Repeat("a", protocol.MaxMessage), strings.Repeat("b", protocol.MaxMessage)},
		"more than history": strings.Fields(strings.Repeat("x ", protocol.DefaultHistory+20)),
		"some hundred":      strings.Fields(strings.Repeat("x ", 700)),
	}
	joins := map[string]string{
		"without a position":   `{"action":"join","roomId":"lobby"}`,
		"from too long ago":    `{"action":"join","roomId":"lobby","since":1,"epoch":"id1"}`,
		"from where it can be": `{"action":"join","roomId":"lobby","since":5,"epoch":"id1"}`,
	}
	for messages, texts := range above {
		for name, frame := range joins {
			for _, late := range []time.Duration{10 * time.Millisecond, 800 * time.Millisecond, 3 * time.Second} {
				t.Run(fmt.Sprintf("%s, %s, %v", messages, name, late), func(t *testing.T) {
					bubble(t, func(w *world) { w.joinBelowAPut(texts, frame, late) })
				})
			}
		}
	}
}

func (w *world) joinBelowAPut(above []string, join string, late time.Duration) {
	retention := roomlog.Retention{Count: 1_000}
	if strings.Contains(join, `"since":1,`) {
		retention.Count = 1
	}
	w.App = newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
		realtimetest.NoRates(o)
		o.Connections, o.Log, o.Sends, o.Poster, o.Retention = w.Memory, w.Memory, w.Memory, w.Poster, retention
	}).App
	w.AddConnection("c1", "ada")
	for i := range 5 {
		w.PublishText("lobby", fmt.Sprint("before ", i))
	}
	var calls sync.WaitGroup
	slow := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
		o.Connections, o.Sends, o.Poster = w.Memory, w.Memory, w.Poster
		o.Log = &lateLog{Log: w.Memory, late: late, calls: &calls}
	})
	calls.Go(func() {
		_, err := slow.Publish(w.Context(), roomlog.Publication{RoomID: "lobby", UserID: "bob", Message: "slow", ClientID: "x"})
		if err != nil {
			w.Errorf("the slow message: %v", err)
		}
	})
	time.Sleep(time.Millisecond)
	for _, text := range above {
		w.PublishText("lobby", text)
	}
	got := w.Answer("join", "c1", join)
	joined, ok := got.(protocol.Joined)
	if !ok {
		w.Fatalf("got %+v", got)
	}
	answered := w.Memory.Messages("lobby")
	calls.Wait()
	copies := 0
	for _, e := range w.Memory.Messages("lobby") {
		if e.Message == "slow" {
			copies++
		}
		if e.Seq <= joined.Seq && !slices.Contains(answered, e) {
			w.Errorf("seq %d was put after a join that named %d: it never reaches the member", e.Seq, joined.Seq)
		}
	}
	if copies != 1 {
		w.Errorf("the message is in the log %d times", copies)
	}
}

// TestJoinReadsOnlyWhatCanChange counts what a join without a position reads
// and writes to resolve its gaps: a limited part of an old log, and only the new part of one
// that others have read.
func TestJoinReadsOnlyWhatCanChange(t *testing.T) {
	bubble(t, func(w *world) {
		counted := &countedLog{Log: w.Memory}
		w.App = newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			realtimetest.NoRates(o)
			o.Connections, o.Log, o.Sends, o.Poster = w.Memory, counted, w.Memory, w.Poster
		}).App
		join := func(when string, read, puts int) {
			w.Helper()
			w.AddConnection("c1", "ada")
			counted.read, counted.puts = 0, 0
			if _, ok := w.Answer("join", "c1", `{"action":"join","roomId":"lobby"}`).(protocol.Joined); !ok {
				w.Errorf("%s: the join failed", when)
			}
			if counted.read != read || counted.puts != puts {
				w.Errorf("%s: a join read %d entries and put %d, want %d and %d", when, counted.read, counted.puts, read, puts)
			}
		}
		join("an empty room", 0, 0)
		for i := range 200 {
			w.PublishText("lobby", fmt.Sprint(i))
		}
		join("after 200 messages", 200, 0)
		join("after another join", 0, 0)
		w.PublishText("lobby", "one more")
		join("after one more", 1, 0)
		join("which is too little to note", 1, 0)
		time.Sleep(15 * time.Minute)
		join("a quarter of an hour later", 0, 0)
		for i := range 100 {
			w.PublishText("lobby", fmt.Sprint(i))
			time.Sleep(time.Minute)
		}
		join("a message a minute", 24, 0)
		// All messages expire, and are deleted.
		time.Sleep(roomlog.DefaultRetention.Age)
		w.Memory.Sweep()
		w.PublishText("lobby", "after a pause")
		join("a message after a pause", 1, 101)
		join("the seqs below it are resolved now", 0, 0)
	})
}

// countedLog counts the entries that are read, and the puts.
type countedLog struct {
	realtimetest.Log
	mu         sync.Mutex
	read, puts int
}

func (l *countedLog) Entries(ctx context.Context, roomID string, s roomlog.Span) ([]roomlog.Entry, error) {
	entries, err := l.Log.Entries(ctx, roomID, s)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read += len(entries)
	return entries, err
}

func (l *countedLog) Put(ctx context.Context, e roomlog.Entry) (roomlog.Entry, error) {
	l.mu.Lock()
	l.puts++
	l.mu.Unlock()
	return l.Log.Put(ctx, e)
}

// TestJoinBoundsWhatItResolves joins a room whose thousands of messages have expired and are
// deleted: the join does not take that for thousands of senders at work.
func TestJoinBoundsWhatItResolves(t *testing.T) {
	bubble(t, func(w *world) {
		for i := range 3000 {
			w.PublishText("lobby", fmt.Sprint(i))
		}
		time.Sleep(roomlog.DefaultRetention.Age)
		w.PublishText("lobby", "after a pause")
		for _, swept := range []bool{false, true} {
			if swept {
				w.Memory.Sweep()
			}
			counted := &countedLog{Log: w.Memory}
			w.App = newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
				o.Connections, o.Log, o.Sends, o.Poster = w.Memory, counted, w.Memory, w.Poster
			}).App
			w.AddConnection("c1", "ada")
			w.Answer("join", "c1", `{"action":"join","roomId":"lobby"}`)
			most := 16 // of expired entries, which are found in the first read
			if swept {
				most = 1000
			}
			if counted.puts != most {
				w.Errorf("deleted %v: a join resolved %d seqs, want %d", swept, counted.puts, most)
			}
		}
	})
}

// TestLogIsReadOnceToResolveIt counts the reads of clients that get the head of a room as
// their position, one after the other: they do not read a long log again.
func TestLogIsReadOnceToResolveIt(t *testing.T) {
	large := slices.Repeat([]string{strings.Repeat("x", protocol.MaxMessage)}, 20)
	small := slices.Repeat([]string{"x"}, 200)
	for name, c := range map[string]struct {
		messages []string
		frame    string
		page     int // entries that are read for the answer
	}{
		"joins, of large messages":           {large, `{"action":"join","roomId":"lobby"}`, 0},
		"joins from too long ago":            {small, `{"action":"join","roomId":"lobby","since":0,"epoch":""}`, 50},
		"histories from too long ago":        {small, `{"action":"history","roomId":"lobby","since":0,"epoch":""}`, 50},
		"histories, of large messages":       {large, `{"action":"history","roomId":"lobby","since":0,"epoch":""}`, 8},
		"joins from too long ago, of others": {large, `{"action":"join","roomId":"lobby","since":1,"epoch":"id1"}`, 8},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(w *world) {
				counted := &countedLog{Log: w.Memory}
				w.App = newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
					realtimetest.NoRates(o)
					o.Connections, o.Log, o.Sends, o.Poster = w.Memory, counted, w.Memory, w.Poster
					o.Retention = roomlog.Retention{Count: 10}
				}).App
				for _, text := range c.messages {
					w.PublishText("lobby", text)
				}
				for i := range 3 {
					w.AddConnection(fmt.Sprint("c", i), "ada", "lobby")
					counted.read = 0
					if got := w.Answer(c.frame[11:strings.Index(c.frame, `",`)], fmt.Sprint("c", i), c.frame); got.Type() == "error" {
						w.Fatalf("got %+v", got)
					}
					most := c.page
					if i == 0 {
						most += len(c.messages)
					}
					if counted.read > most {
						w.Errorf("number %d read %d entries, want %d at most", i+1, counted.read, most)
					}
				}
			})
		})
	}
}

// TestFrozenCopyPutsNothingBelow freezes a copy of a send for a quarter of an hour after it
// has read the claim. By then nothing may appear at its seq any more: the message goes to
// another seq.
func TestFrozenCopyPutsNothingBelow(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada")
		send := roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: "x"}
		_, service := w.Life(3, false) // crashes before its put at seq 1
		if _, err := service.Publish(w.Context(), send); err == nil {
			w.Fatal("the sender did not die")
		}
		w.PublishText("lobby", "another")
		frozen := newWorldAt(w.T, time.Now, func(o *realtimetest.Options) {
			o.Connections, o.Log, o.Poster, o.Sends = w.Memory, w.Memory, w.Poster, freezing{w.Memory, 20 * time.Minute}
		})
		var calls sync.WaitGroup
		calls.Go(func() {
			r, err := frozen.Publish(w.Context(), send)
			if err != nil || r.Seq != 3 {
				w.Errorf("the copy got %+v, %v, want seq 3", r, err)
			}
		})
		time.Sleep(16 * time.Minute)
		if joined, ok := w.Answer("join", "c1", `{"action":"join","roomId":"lobby"}`).(protocol.Joined); !ok || joined.Seq != 2 {
			w.Errorf("the join named %+v, want seq 2", joined)
		}
		calls.Wait()
	})
}

// freezing are sends after whose read a function is frozen for a while.
type freezing struct {
	sends.Store
	stopped time.Duration
}

func (f freezing) Get(ctx context.Context, key sends.Key) (sends.Send, error) {
	s, err := f.Store.Get(ctx, key)
	time.Sleep(f.stopped)
	return s, err
}

// TestClockAheadDelaysNobody has many senders whose clocks are ahead, and who
// crashed: a reader that resolves their gaps waits as long as for one.
func TestClockAheadDelaysNobody(t *testing.T) {
	for _, frame := range []string{
		`{"action":"join","roomId":"lobby"}`,
		`{"action":"join","roomId":"lobby","since":0,"epoch":""}`,
		`{"action":"history","roomId":"lobby"}`,
	} {
		t.Run(frame, func(t *testing.T) {
			bubble(t, func(w *world) {
				w.AddConnection("c1", "ada", "lobby")
				ahead := newWorldAt(w.T, func() time.Time { return time.Now().Add(5 * time.Second) }, func(o *realtimetest.Options) {
					o.Connections, o.Log, o.Sends, o.Poster = w.Memory, w.Memory, w.Memory, w.Poster
				})
				for range 4 {
					at := time.Now().Add(5 * time.Second)
					if _, err := w.Memory.Advance(w.Context(), "lobby", "lost", at, at.Add(60*24*time.Hour)); err != nil {
						w.Fatal(err)
					}
					ahead.PublishText("lobby", "hello")
				}
				start := time.Now()
				if got := w.Answer(frame[11:strings.Index(frame, `",`)], "c1", frame); got.Type() == "error" {
					w.Fatalf("got %+v", got)
				}
				if took := time.Since(start); took > 1100*time.Millisecond {
					w.Errorf("%s took %v, want about a second", frame, took)
				}
			})
		})
	}
}

// TestClockAheadDelaysNoJoin has a sender whose clock is ahead, and that crashed.
func TestClockAheadDelaysNoJoin(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada")
		if _, err := w.Memory.Advance(w.Context(), "lobby", "lost", time.Now().Add(5*time.Second), time.Now().Add(60*24*time.Hour)); err != nil {
			w.Fatal(err)
		}
		start := time.Now()
		w.Answer("join", "c1", `{"action":"join","roomId":"lobby"}`)
		if took := time.Since(start); took > 1100*time.Millisecond {
			w.Errorf("the join took %v, want about a second", took)
		}
	})
}

// TestCopyTakesUpAMovedSend sends copies of a message that was moved to another seq: they
// put it there, however old its first copy is.
func TestCopyTakesUpAMovedSend(t *testing.T) {
	bubble(t, func(w *world) {
		w.AddConnection("c1", "ada", "lobby")
		send := roomlog.Publication{RoomID: "lobby", UserID: "ada", Message: "hello", ClientID: "x"}
		_, service := w.Life(3, false) // crashes before its put
		if _, err := service.Publish(w.Context(), send); err == nil {
			w.Fatal("the sender did not die")
		}
		w.RecoverFrom(0) // puts a tombstone at its seq
		// The next copy moves it, and crashes before its put as well.
		_, service = w.Life(5, false)
		if _, err := service.Publish(w.Context(), send); !errors.Is(err, realtimetest.ErrCrash) {
			w.Fatalf("got %v, want a death", err)
		}
		held, err := w.Memory.Get(w.Context(), sends.Key{RoomID: "lobby", UserID: "ada", ClientID: "x"})
		if err != nil || held.Seq != 2 {
			w.Fatalf("the send is bound to %+v, %v, want seq 2", held, err)
		}
		time.Sleep(time.Minute)
		if r, err := w.Publish(w.Context(), send); err != nil || r.Seq != 2 {
			w.Errorf("got %+v, %v, want seq 2", r, err)
		}
	})
}
