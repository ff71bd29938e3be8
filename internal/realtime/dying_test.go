package realtime_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

var errCrash = errors.New("the function was killed")

// dying is a store, a poster and a queue that end at one of the calls that a
// service makes: before it has had its effect, or after it. From then on every
// call of that service fails, as none is made any more.
type dying struct {
	*realtimetest.Memory
	poster *realtimetest.Poster
	queue  *realtimetest.Queue

	mu    sync.Mutex
	left  int // calls until it dies
	after bool
	dead  bool
	calls int
}

// step counts a call and makes it, unless this life is over.
func (d *dying) step(call func() error) error {
	d.mu.Lock()
	d.calls++
	dead := d.dead
	last := d.left == 0
	d.left--
	if last {
		d.dead = true
	}
	d.mu.Unlock()
	if dead || last && !d.after {
		return errCrash
	}
	if err := call(); err != nil {
		return err
	}
	if last {
		return errCrash
	}
	return nil
}

func (d *dying) Head(ctx context.Context, roomID string) (h roomlog.Head, err error) {
	err = d.step(func() error { h, err = d.Memory.Head(ctx, roomID); return err })
	return h, err
}

func (d *dying) Advance(ctx context.Context, roomID, id string, at, expiresAt time.Time) (h roomlog.Head, err error) {
	err = d.step(func() error { h, err = d.Memory.Advance(ctx, roomID, id, at, expiresAt); return err })
	return h, err
}

func (d *dying) Put(ctx context.Context, e roomlog.Entry) (there roomlog.Entry, err error) {
	err = d.step(func() error { there, err = d.Memory.Put(ctx, e); return err })
	return there, err
}

func (d *dying) Get(ctx context.Context, key sends.Key) (s sends.Send, err error) {
	err = d.step(func() error { s, err = d.Memory.Get(ctx, key); return err })
	return s, err
}

func (d *dying) Claim(ctx context.Context, key sends.Key, s sends.Send) (held sends.Send, err error) {
	err = d.step(func() error { held, err = d.Memory.Claim(ctx, key, s); return err })
	return held, err
}

func (d *dying) Move(ctx context.Context, key sends.Key, from int64, s sends.Send) error {
	return d.step(func() error { return d.Memory.Move(ctx, key, from, s) })
}

func (d *dying) Add(ctx context.Context, userID string, n inbox.Notification) (count int64, err error) {
	err = d.step(func() error { count, err = d.Memory.Add(ctx, userID, n); return err })
	return count, err
}

func (d *dying) Members(ctx context.Context, roomID string, shard, limit int) (m []members.Member, err error) {
	err = d.step(func() error { m, err = d.Memory.Members(ctx, roomID, shard, limit); return err })
	return m, err
}

func (d *dying) Post(ctx context.Context, connectionID string, p delivery.Payload) error {
	return d.step(func() error { return d.poster.Post(ctx, connectionID, p) })
}

func (d *dying) Confirm(context.Context, string) error { return nil }
func (d *dying) Close(context.Context, string) error   { return nil }

func (d *dying) Enqueue(ctx context.Context, jobs ...delivery.Job) error {
	return d.step(func() error { return d.queue.Enqueue(ctx, jobs...) })
}

// service returns a service of this life on the world's stores.
func (w *world) life(left int, after bool) (*dying, *realtimetest.App) {
	d := &dying{Memory: w.memory, poster: w.poster, queue: w.queue, left: left, after: after}
	ids := 0
	return d, realtimetest.New(realtimetest.Options{
		Connections: d, Log: d, Sends: d, Inboxes: d, Buckets: d, Poster: d, Queue: d, Now: w.now, Logger: slog.New(slog.DiscardHandler),
		NewID: func() string { ids++; return fmt.Sprintf("life-%d-%v-%d", left, after, ids) },
	})
}
