package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"

	"github.com/roomcast/roomcast/internal/protocol"
)

// act carries out the steps of an application, each when it is due and the one
// before is done. ctx ends only when the run is given up.
func (d *device) act(ctx context.Context) {
	for _, s := range d.plan.Steps {
		if s.Do.suffered() || !d.run.until(ctx, s.At) {
			continue
		}
		switch s.Do {
		case DoSend:
			for range s.Count {
				d.send(ctx, s.Room, d.text(s.Size))
			}
		case DoRefused:
			d.sendRefused(ctx, s)
		case DoNotify:
			d.notify(ctx, s.Users)
		case DoHistory:
			d.history(ctx, s.Room, s.Count)
		case DoLeave:
			if d.leave(ctx, s.Room) {
				d.run.pause(ctx, s.For)
				d.join(ctx, s.Room, nil)
			}
		case DoAway:
			d.stop()
			d.run.pause(ctx, s.For)
			d.comeBack(ctx, s.Fresh)
		}
	}
}

// suffer carries out what befalls the device's connections.
func (d *device) suffer(ctx context.Context) {
	var sticking sync.WaitGroup
	defer sticking.Wait()
	for _, s := range d.plan.Steps {
		if !s.Do.suffered() || !d.run.until(ctx, s.At) {
			continue
		}
		switch s.Do {
		case DoDrop:
			d.drop(s.Silent)
		case DoRollover:
			d.rollover(ctx)
		case DoStick:
			sticking.Go(func() { d.stick(ctx, s) })
		}
	}
}

// suffered says whether an action befalls the device's connection, whatever the
// application does.
func (a Action) suffered() bool { return a == DoDrop || a == DoRollover || a == DoStick }

// comeBack starts the application and joins its rooms again, from where it was
// or from now on.
func (d *device) comeBack(ctx context.Context, fresh bool) {
	if err := d.start(); err != nil {
		d.run.fail(err)
		return
	}
	var joins sync.WaitGroup
	for _, room := range d.plan.Rooms {
		at, known := d.place(room)
		place := &at
		if fresh || !known {
			place = nil
		}
		joins.Go(func() { d.join(ctx, room, place) })
	}
	joins.Wait()
}

// text is the device's next message. No other text begins as it does.
func (d *device) text(size int) string {
	d.mu.Lock()
	d.sent++
	text := fmt.Sprintf("%s #%d ", d.plan.Device, d.sent)
	d.mu.Unlock()
	return text + strings.Repeat("x", max(0, size-len(text)))
}

// send sends a message and returns when it has its place in the order, not when
// it is answered.
func (d *device) send(ctx context.Context, room, text string, options ...roomcastclient.SendOption) *Send {
	d.mu.Lock()
	client, life := d.client, d.life
	d.mu.Unlock()
	s := d.run.sending(&Send{Device: d.plan.Device, User: d.plan.User, Room: room, Life: life, Text: text, Ordered: true, Outcome: Open})
	taken := newTaken(ctx)
	d.run.answers.Go(func() {
		defer taken.take()
		ack, err := client.Send(taken, room, text, options...)
		d.run.answered(s, Receipt{Seq: ack.Seq, ID: ack.ID, Timestamp: ack.Timestamp.UnixMilli()}, err)
	})
	<-taken.taken
	return s
}

// sendRefused sends what has to be refused: too much, or, the fresh one, another
// text under the name of a message that was acknowledged.
func (d *device) sendRefused(ctx context.Context, step Step) {
	if !step.Fresh {
		d.send(ctx, step.Room, d.text(protocol.MaxMessage+1))
		return
	}
	text := d.text(0)
	name := roomcastclient.WithClientID(strings.ReplaceAll(text, " ", ""))
	first := d.send(ctx, step.Room, text, name)
	d.run.pauseUntil(ctx, 5*time.Second, func() bool { return d.run.outcome(first) != Open })
	// A copy of the first that is still under way would be answered under the
	// name of the second.
	if d.run.outcome(first) == Acked && d.run.target.Watch.copiesOf(text) == 1 {
		d.send(ctx, step.Room, d.text(0), name)
	}
}

func (d *device) notify(ctx context.Context, users []string) {
	client := d.current()
	n := d.run.notifying(&Notify{Device: d.plan.Device, Users: users, Text: d.text(0), Outcome: Open})
	d.run.answers.Go(func() {
		ack, err := client.Notify(ctx, users, map[string]string{"text": n.Text})
		d.run.notifyAnswered(n, ack.ID, err)
	})
}

// textOf reads what notify has written.
func textOf(notification json.RawMessage) string {
	var n struct{ Text string }
	_ = json.Unmarshal(notification, &n) // what is no notification of ours has no text
	return n.Text
}

// history reads a page of a room and, if there are older ones, the next.
func (d *device) history(ctx context.Context, room string, limit int) {
	var before int64
	for range 2 {
		page, err := d.current().History(ctx, room, before, limit)
		if err != nil {
			return // the room may have been left by a copy of this frame that was late
		}
		d.run.paged(d.plan.Device, before, page)
		if !page.More {
			return
		}
		before = page.Before
	}
}

// outcomeOf says what an error means for a send.
func outcomeOf(err error) (Outcome, string) {
	if err == nil {
		return Acked, ""
	}
	switch code := roomcastclient.CodeOf(err); code {
	case "", roomcastclient.CodeClosed, roomcastclient.CodeOutcomeUnknown, roomcastclient.CodeTimeout, roomcastclient.CodeLeft:
		return Unknown, ""
	default:
		return Refused, string(code)
	}
}

// taken is a context that knows when somebody begins to wait for its end: a
// send that waits has its place in the order.
type taken struct {
	context.Context
	once  sync.Once
	taken chan struct{}
}

func newTaken(ctx context.Context) *taken {
	return &taken{Context: ctx, taken: make(chan struct{})}
}

func (t *taken) take() { t.once.Do(func() { close(t.taken) }) }

func (t *taken) Done() <-chan struct{} {
	t.take()
	return t.Context.Done()
}
