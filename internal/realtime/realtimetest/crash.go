package realtimetest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// ErrCrash is the error of every call of a function after its crash.
var ErrCrash = errors.New("the function was killed")

// Crashing is a store, a poster and a queue that end at one of the calls that a
// service makes: before it has had its effect, or after it. From then on every
// call of that service fails, as none is made any more.
type Crashing struct {
	*Memory
	poster *Poster
	queue  *Queue

	mu    sync.Mutex
	left  int // calls until it dies
	after bool
	dead  bool
	Calls int
}

// step counts a call and makes it, unless this life is over.
func (d *Crashing) step(call func() error) error {
	d.mu.Lock()
	d.Calls++
	dead := d.dead
	last := d.left == 0
	d.left--
	if last {
		d.dead = true
	}
	d.mu.Unlock()
	if dead || last && !d.after {
		return ErrCrash
	}
	if err := call(); err != nil {
		return err
	}
	if last {
		return ErrCrash
	}
	return nil
}

// Head implements its port.
func (d *Crashing) Head(ctx context.Context, roomID string) (h roomlog.Head, err error) {
	err = d.step(func() error { h, err = d.Memory.Head(ctx, roomID); return err })
	return h, err
}

// Advance implements its port.
func (d *Crashing) Advance(ctx context.Context, roomID, id string, at, expiresAt time.Time) (h roomlog.Head, err error) {
	err = d.step(func() error { h, err = d.Memory.Advance(ctx, roomID, id, at, expiresAt); return err })
	return h, err
}

// Put implements its port.
func (d *Crashing) Put(ctx context.Context, e roomlog.Entry) (there roomlog.Entry, err error) {
	err = d.step(func() error { there, err = d.Memory.Put(ctx, e); return err })
	return there, err
}

// Get implements its port.
func (d *Crashing) Get(ctx context.Context, key sends.Key) (s sends.Send, err error) {
	err = d.step(func() error { s, err = d.Memory.Get(ctx, key); return err })
	return s, err
}

// Claim implements its port.
func (d *Crashing) Claim(ctx context.Context, key sends.Key, s sends.Send) (held sends.Send, err error) {
	err = d.step(func() error { held, err = d.Memory.Claim(ctx, key, s); return err })
	return held, err
}

// Move implements its port.
func (d *Crashing) Move(ctx context.Context, key sends.Key, from int64, s sends.Send) error {
	return d.step(func() error { return d.Memory.Move(ctx, key, from, s) })
}

// Add implements its port.
func (d *Crashing) Add(ctx context.Context, userID string, n inbox.Notification) (count int64, err error) {
	err = d.step(func() error { count, err = d.Memory.Add(ctx, userID, n); return err })
	return count, err
}

// Members implements its port.
func (d *Crashing) Members(ctx context.Context, roomID string, shard, limit int) (m []members.Member, err error) {
	err = d.step(func() error { m, err = d.Memory.Members(ctx, roomID, shard, limit); return err })
	return m, err
}

// Post implements its port.
func (d *Crashing) Post(ctx context.Context, connectionID string, p delivery.Payload) error {
	return d.step(func() error { return d.poster.Post(ctx, connectionID, p) })
}

// Confirm implements its port.
func (d *Crashing) Confirm(context.Context, string) error { return nil }

// Close implements its port.
func (d *Crashing) Close(context.Context, string) error { return nil }

// Enqueue implements its port.
func (d *Crashing) Enqueue(ctx context.Context, jobs ...delivery.Job) error {
	return d.step(func() error { return d.queue.Enqueue(ctx, jobs...) })
}

// Life returns a service of this life on the world's stores.
func (w *World) Life(left int, after bool) (*Crashing, *App) {
	d := &Crashing{Memory: w.Memory, poster: w.Poster, queue: w.Queue, left: left, after: after}
	ids := 0
	return d, New(Options{
		Connections: d, Log: d, Sends: d, Inboxes: d, Buckets: d, Poster: d, Queue: d, Now: w.Now, Logger: slog.New(slog.DiscardHandler),
		NewID: func() string { ids++; return fmt.Sprintf("life-%d-%v-%d", left, after, ids) },
	})
}

// RecoverFrom joins the lobby by a new connection that has every message up to a seq.
func (w *World) RecoverFrom(seq int64) protocol.Joined {
	w.Helper()
	head, err := w.Memory.Head(w.Context(), "lobby")
	if err != nil {
		w.Fatal(err)
	}
	w.AddConnection("reader", "eve")
	defer func() { // so that it is not posted to
		if err := w.Disconnect(w.Context(), "reader", time.Time{}); err != nil {
			w.Fatal(err)
		}
	}()
	frame := w.Answer("join", "reader", fmt.Sprintf(`{"action":"join","roomId":"lobby","since":%d,"epoch":%q}`, seq, head.Epoch))
	joined, ok := frame.(protocol.Joined)
	if !ok {
		w.Fatalf("joining: got %+v", frame)
	}
	return joined
}
