package roomlog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// placeAttempts limits how often a message moves on to another seq because the
// one it had got a tombstone. Each move takes a second.
const placeAttempts = 5

// Publication is a message for a room.
type Publication struct {
	RoomID  string
	UserID  string
	Message string
	// Service is set if a service of the stack sends it in the user's name.
	Service bool
	// ClientID names the message among its sender's: within [sends.Window] it is
	// accepted once, however often it arrives. "" is no name.
	ClientID string
}

// Appender appends messages to the logs of rooms.
type Appender struct {
	log       Log
	sends     sends.Store
	retention Retention
	env       base.Env
}

// NewAppender returns an appender.
func NewAppender(log Log, sent sends.Store, r Retention, env base.Env) *Appender {
	return &Appender{log: log, sends: sent, retention: r.WithDefaults(), env: env.WithDefaults()}
}

// Append puts a message into its room's log, once for all its copies, and
// returns it as it is there, with the head of the log.
//
// It takes a seq, binds the send to it, and puts the entry there. A copy may
// come after the first one stopped at any point: it finds out what the send is
// bound to and puts the same entry at the same seq.
func (a *Appender) Append(ctx context.Context, p Publication) (Entry, Head, error) {
	now := a.env.Now().Truncate(time.Millisecond)
	e := a.entry(p, sends.Send{ID: a.env.NewID(), Timestamp: now})
	key := sends.Key{UserID: p.UserID, ClientID: p.ClientID, RoomID: p.RoomID, Service: p.Service}
	if key.ClientID != "" {
		sent, err := a.sends.Get(ctx, key)
		if err == nil {
			head, err := a.log.Head(ctx, p.RoomID)
			if err != nil {
				return Entry{}, Head{}, err
			}
			// Its seq may have been taken minutes ago, or a moment ago by a copy that
			// moved it: what is stored there decides, and not that time. But the claim
			// counted only when it was read, see lateWrites.
			return a.place(ctx, key, a.entry(p, sent), head, now.Add(gapTimeout))
		}
		if !errors.Is(err, sends.ErrUnknown) {
			return Entry{}, Head{}, err
		}
	}
	head, err := a.log.Advance(ctx, e.RoomID, e.ID, now, a.retention.HeadExpiry(a.env.Now()))
	if err != nil {
		return Entry{}, Head{}, err
	}
	e.Seq = head.Seq
	if key.ClientID != "" {
		if e, head, err = a.claim(ctx, key, p, e, head); err != nil {
			return Entry{}, Head{}, err
		}
	}
	return a.place(ctx, key, e, head, now.Add(gapTimeout))
}

// claim binds a send to an entry, whose seq the head gave out, and returns the
// entry that it is bound to: another one if a copy was faster. If that one's seq
// is higher, claim reads the head again: meanwhile a member may have joined in a
// shard that the older layout does not have.
func (a *Appender) claim(ctx context.Context, key sends.Key, p Publication, e Entry, head Head) (Entry, Head, error) {
	held, err := a.sends.Claim(ctx, key, a.send(e))
	if err != nil {
		return Entry{}, Head{}, err
	}
	if held.ID != e.ID || held.Seq != e.Seq {
		a.giveUp(ctx, e)
	}
	if held.Seq > e.Seq {
		head, err = a.log.Head(ctx, e.RoomID)
	}
	return a.entry(p, held), head, err
}

// place puts an entry at its seq, if it can do so before the deadline. If that
// seq has a tombstone, because a reader waited for it too long or the deadline
// has passed, the entry goes to another seq.
func (a *Appender) place(ctx context.Context, key sends.Key, e Entry, head Head, deadline time.Time) (Entry, Head, error) {
	for range placeAttempts {
		stored, err := a.putBefore(ctx, e, deadline)
		if err != nil {
			return Entry{}, Head{}, err
		}
		if stored.ID == e.ID {
			if stored.Message != e.Message {
				return Entry{}, Head{}, protocol.Errorf(protocol.CodeBadField,
					"clientId: %q named another message within the last %v", key.ClientID, sends.Window)
			}
			return stored, head, nil
		}
		from := e.Seq
		taken := a.env.Now().Truncate(time.Millisecond)
		deadline = taken.Add(gapTimeout)
		if head, err = a.log.Advance(ctx, e.RoomID, e.ID, taken, a.retention.HeadExpiry(a.env.Now())); err != nil {
			return Entry{}, Head{}, err
		}
		e.Seq = head.Seq
		if key.ClientID == "" {
			continue
		}
		err = a.sends.Move(ctx, key, from, a.send(e))
		if errors.Is(err, sends.ErrMoved) { // by a copy, and the send is bound to its seq now
			e, head, err = a.claim(ctx, key, Publication{RoomID: e.RoomID, UserID: e.UserID, Message: e.Message}, e, head)
		}
		if err != nil {
			return Entry{}, Head{}, err
		}
	}
	return Entry{}, Head{}, fmt.Errorf("every seq got a tombstone before the message was stored, %d times", placeAttempts)
}

// putBefore puts an entry at its seq and returns what is stored there then. No
// attempt to put it begins after the deadline, see lateWrites: then putBefore
// puts a tombstone, which also tells what became of an attempt without an answer.
func (a *Appender) putBefore(ctx context.Context, e Entry, deadline time.Time) (Entry, error) {
	if left := deadline.Sub(a.env.Now()); left > 0 {
		putting, cancel := context.WithTimeout(ctx, left)
		stored, err := a.log.Put(putting, e)
		cancel()
		if err == nil || ctx.Err() != nil || a.env.Now().Before(deadline) {
			return stored, err
		}
	}
	return a.log.Put(ctx, a.retention.tombstone(e.RoomID, e.Seq, e.Timestamp))
}

// giveUp puts a tombstone at the seq of an entry that will not be stored there.
// Readers would do so after a while; this spares them the wait.
func (a *Appender) giveUp(ctx context.Context, e Entry) {
	if _, err := a.log.Put(ctx, a.retention.tombstone(e.RoomID, e.Seq, e.Timestamp)); err != nil {
		a.env.Logger.WarnContext(ctx, "could not put a tombstone at an unused seq, its readers will", "roomId", e.RoomID, "seq", e.Seq, "error", err)
	}
}

// entry returns the entry of a publication, with what was decided about its send.
func (a *Appender) entry(p Publication, s sends.Send) Entry {
	return Entry{
		RoomID: p.RoomID, Seq: s.Seq, ID: s.ID, UserID: p.UserID, Message: p.Message,
		Timestamp: s.Timestamp, ExpiresAt: a.retention.expiry(s.Timestamp),
	}
}

// send returns what is remembered about the send of an entry.
func (a *Appender) send(e Entry) sends.Send {
	return sends.New(e.ID, e.Timestamp, e.Seq, a.env.Now())
}
