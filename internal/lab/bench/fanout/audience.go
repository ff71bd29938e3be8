package fanout

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/lab/bench/member"
)

// audience is the rooms of one size. Each has a sender with a real connection;
// the other members are connected, or a counting server stands in for them.
type audience struct {
	f       Fanout
	senders []*member.Sender
	conns   []*websocket.Conn
	others  int // members that are not senders

	heard atomic.Pointer[hearing]
}

// hearing counts the deliveries of one message to real connections.
type hearing struct {
	text string
	left atomic.Int64
	over atomic.Int64 // deliveries that came again
	last atomic.Int64 // nanoseconds since 1970
	done chan struct{}
}

// rooms numbers the rooms of this process: a size may be measured twice.
var rooms atomic.Int64

func (f Fanout) newAudience(ctx context.Context, members int) (_ *audience, err error) {
	a := &audience{f: f}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	size := f.roomSize(members)
	for range members / size {
		room := fmt.Sprintf("fanout-%d-%d", members, rooms.Add(1))
		if f.Counting != nil {
			if err := seed(ctx, f.Stack, room, layoutOf(size, f.ShardSize), a.others, size-1); err != nil {
				return nil, err
			}
		} else if err := a.connect(ctx, room, size-1); err != nil {
			return nil, err
		}
		a.others += size - 1
		conn, err := member.Dial(ctx, f.Stack.URL, member.Open("sender-"+room, room))
		if err != nil {
			return nil, err
		}
		a.senders = append(a.senders, member.NewSender(ctx, conn, room, nil))
	}
	return a, nil
}

// connect connects members to a room, a bounded number at a time.
func (a *audience) connect(ctx context.Context, room string, members int) error {
	var mu sync.Mutex
	work, dialing := errgroup.WithContext(ctx)
	work.SetLimit(32)
	for n := range members {
		work.Go(func() error {
			conn, err := member.Dial(dialing, a.f.Stack.URL, member.Open(fmt.Sprintf("member-%d", n), room))
			if err != nil {
				return err
			}
			mu.Lock()
			a.conns = append(a.conns, conn)
			mu.Unlock()
			got := map[string]bool{}
			go func() { _ = member.Read(ctx, conn, func(f member.Frame) { a.hear(f, got) }) }()
			return nil
		})
	}
	return work.Wait()
}

// hear counts a frame that came to one connection, which got some before.
func (a *audience) hear(f member.Frame, got map[string]bool) {
	h := a.heard.Load()
	if f.Type != "message" || h == nil || f.Message != h.text {
		return
	}
	if got[f.Message] {
		h.over.Add(1)
		return
	}
	got[f.Message] = true
	h.last.Store(time.Now().UnixNano())
	if h.left.Add(-1) == 0 {
		close(h.done)
	}
}

// delivered is what became of one message.
type delivered struct {
	wall             time.Duration
	acks             []time.Duration
	members          int
	missing, doubled int
	mostInAir        int
	billed           int64 // messages out that no gateway has counted
}

// message sends a message to each room at the same time, and waits until every
// member has it.
func (a *audience) message(ctx context.Context, text string) (delivered, error) {
	text = fmt.Sprintf("%d %s", time.Now().UnixNano(), text)[:max(len(text), 20)]
	h := &hearing{text: text, done: make(chan struct{})}
	h.left.Store(int64(a.others))
	a.heard.Store(h)
	if a.f.Counting != nil {
		if err := a.f.Counting.expect(a.others); err != nil {
			return delivered{}, err
		}
	}
	d := delivered{acks: make([]time.Duration, len(a.senders)), members: a.others}
	began := time.Now()
	work, sending := errgroup.WithContext(ctx)
	for i, s := range a.senders {
		work.Go(func() (err error) {
			_, d.acks[i], err = s.Send(sending, text)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return d, err
	}
	if a.f.Counting != nil {
		count, err := a.f.Counting.await(a.f.Timeout)
		d.wall = time.Duration(count.Last - began.UnixNano())
		d.missing, d.doubled = a.others-count.Members, count.Posts-count.Members
		d.mostInAir, d.billed = count.MostInAir, count.Billed
		return d, err
	}
	select {
	case <-h.done:
	case <-time.After(a.f.Timeout):
	case <-ctx.Done():
		return d, ctx.Err()
	}
	d.wall = time.Duration(h.last.Load() - began.UnixNano())
	d.missing, d.doubled = int(h.left.Load()), int(h.over.Load())
	return d, nil
}

func (a *audience) close() {
	for _, s := range a.senders {
		s.Close()
	}
	for _, conn := range a.conns {
		_ = conn.CloseNow() // of no interest any more
	}
}
