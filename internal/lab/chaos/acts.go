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

// act carries out the steps of an application one after another, none before it
// is due. ctx ends only if the run is abandoned.
func (d *device) act(ctx context.Context) {
	for _, s := range d.plan.Steps {
		if s.Do.disturbs() || !d.run.until(ctx, s.At) {
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

// disturb carries out the steps that affect the device's connections.
func (d *device) disturb(ctx context.Context) {
	var sticking sync.WaitGroup
	defer sticking.Wait()
	for _, s := range d.plan.Steps {
		if !s.Do.disturbs() || !d.run.until(ctx, s.At) {
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

// disturbs reports whether an action affects the device's connection whatever
// the application does.
func (a Action) disturbs() bool { return a == DoDrop || a == DoRollover || a == DoStick }

// comeBack starts the application and joins its rooms again, from its last
// position or, if fresh, without one.
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

// text returns the device's next message. No other text has the same beginning.
func (d *device) text(size int) string {
	d.mu.Lock()
	d.sent++
	text := fmt.Sprintf("%s #%d ", d.plan.Device, d.sent)
	d.mu.Unlock()
	return text + strings.Repeat("x", max(0, size-len(text)))
}

// send sends a message and returns as soon as the client has queued it, before
// the answer.
func (d *device) send(ctx context.Context, room, text string, options ...roomcastclient.SendOption) *Send {
	d.mu.Lock()
	client, life := d.client, d.life
	d.mu.Unlock()
	s := d.run.sending(&Send{Device: d.plan.Device, User: d.plan.User, Room: room, Life: life, Text: text, Ordered: true, Outcome: Open})
	taken := newTaken(ctx)
	d.run.answers.Go(func() {
		defer taken.take()
		ack, err := client.Room(room).Send(taken, text, options...)
		d.run.answered(s, Receipt{Seq: ack.Seq, ID: ack.ID, Timestamp: ack.Timestamp.UnixMilli()}, err)
	})
	<-taken.taken
	return s
}

// sendRefused sends a message that must be refused: one that is too large or, if
// fresh, another text with the clientId of an acknowledged message.
func (d *device) sendRefused(ctx context.Context, step Step) {
	if !step.Fresh {
		d.send(ctx, step.Room, d.text(protocol.MaxMessage+1))
		return
	}
	text := d.text(0)
	name := roomcastclient.WithIdempotencyKey(strings.ReplaceAll(text, " ", ""))
	first := d.send(ctx, step.Room, text, name)
	d.run.pauseUntil(ctx, 5*time.Second, func() bool { return d.run.outcome(first) != Open })
	// The answer to a copy of the first that is still in flight would have the
	// clientId of the second.
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
	_ = json.Unmarshal(notification, &n) // a notification of another sender has no text
	return n.Text
}

// history reads a page of a room and, if there are older ones, the next.
func (d *device) history(ctx context.Context, room string, limit int) {
	var before int64
	for range 2 {
		page, err := d.current().Room(room).History(ctx, roomcastclient.WithBefore(before), roomcastclient.WithLimit(limit))
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

// outcomeOf returns what an error means for a send.
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

// taken is a context that notices when somebody starts to wait for its end: by
// then the client has queued the send.
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
