package realtime

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// placeTries bounds how often a message moves on to another seq because the
// one that it had was declared void. It takes a second of delay each time.
const placeTries = 5

// Publication is a message for a room.
type Publication struct {
	RoomID  string
	UserID  string
	Message string
	// Service says that a service of the stack sends it in the user's name.
	Service bool
	// ClientID names the message among its sender's: within SendWindow it is
	// taken once, however often it comes. "" is no name.
	ClientID string
}

// Receipt says where in a room's log a message is.
type Receipt struct {
	ID        string
	Seq       int64
	Timestamp time.Time
}

// Publish appends a message to a room's log and delivers it to the room. It
// needs Connections, Log, Sends, Poster and Queue. The arguments keep the
// limits of package protocol. Without an error the message is in the log, and
// every member was posted to or is named in a job of the queue. After an error
// it is right to publish it again: with a ClientID it is not doubled by that.
func (s *Service) Publish(ctx context.Context, p Publication) (Receipt, error) {
	e, head, err := s.append(ctx, p)
	if err != nil {
		return Receipt{}, fmt.Errorf("append to the log of room %q: %w", p.RoomID, err)
	}
	// A copy is delivered as well: whoever took the first one may have died
	// before everybody had it.
	if err := s.spread(ctx, e, head); err != nil {
		return Receipt{}, fmt.Errorf("deliver seq %d of room %q: %w", e.Seq, p.RoomID, err)
	}
	return Receipt{ID: e.ID, Seq: e.Seq, Timestamp: e.Timestamp}, nil
}

// append puts a message into its room's log, once for all its copies, and
// returns it as it is there.
//
// A seq is taken, the send is bound to it, the entry is put there. Whoever
// takes up a copy, at whatever point the first one came to an end, finds out
// what it is bound to and puts the same entry at the same seq.
func (s *Service) append(ctx context.Context, p Publication) (Entry, Head, error) {
	now := s.now().Truncate(time.Millisecond)
	e := s.entry(p, Send{ID: s.newID(), Timestamp: now})
	key := SendKey{UserID: p.UserID, ClientID: p.ClientID, RoomID: p.RoomID, Service: p.Service}
	if key.ClientID != "" {
		known, err := s.sends.Send(ctx, key)
		if err == nil {
			head, err := s.log.Head(ctx, p.RoomID)
			if err != nil {
				return Entry{}, Head{}, err
			}
			// Its seq may have been taken minutes ago, or a moment ago by a copy that
			// moved it: what is stored there decides, and not that time. But the claim
			// counted only when it was read, see landable.
			return s.place(ctx, key, s.entry(p, known), head, now.Add(settleAfter))
		}
		if !errors.Is(err, ErrUnknownSend) {
			return Entry{}, Head{}, err
		}
	}
	head, err := s.log.Advance(ctx, e.RoomID, e.ID, now, s.headExpiry())
	if err != nil {
		return Entry{}, Head{}, err
	}
	e.Seq = head.Seq
	if key.ClientID != "" {
		if e, head, err = s.claim(ctx, key, p, e, head); err != nil {
			return Entry{}, Head{}, err
		}
	}
	return s.place(ctx, key, e, head, now.Add(settleAfter))
}

// claim binds a send to an entry, whose seq the head gave away, and returns the
// entry that it is bound to: another one where a copy was faster. Where that one's
// seq is higher, the head is read again: in between a member may have come into a
// shard that the older layout does not have.
func (s *Service) claim(ctx context.Context, key SendKey, p Publication, e Entry, head Head) (Entry, Head, error) {
	held, err := s.sends.Claim(ctx, key, s.send(e))
	if err != nil {
		return Entry{}, Head{}, err
	}
	if held.ID != e.ID || held.Seq != e.Seq {
		s.leaveVoid(ctx, e)
	}
	if held.Seq > e.Seq {
		head, err = s.log.Head(ctx, e.RoomID)
	}
	return s.entry(p, held), head, err
}

// place puts an entry at its seq, until some time. It goes to another seq where
// that one is void: a reader waited for it too long, or it is too late.
func (s *Service) place(ctx context.Context, key SendKey, e Entry, head Head, until time.Time) (Entry, Head, error) {
	for range placeTries {
		there, err := s.putUntil(ctx, e, until)
		if err != nil {
			return Entry{}, Head{}, err
		}
		if there.ID == e.ID {
			if there.Message != e.Message {
				return Entry{}, Head{}, protocol.Errorf(protocol.CodeBadField,
					"clientId: %q was given to another message within the last %v", key.ClientID, SendWindow)
			}
			return there, head, nil
		}
		from := e.Seq
		taken := s.now().Truncate(time.Millisecond)
		until = taken.Add(settleAfter)
		if head, err = s.log.Advance(ctx, e.RoomID, e.ID, taken, s.headExpiry()); err != nil {
			return Entry{}, Head{}, err
		}
		e.Seq = head.Seq
		if key.ClientID == "" {
			continue
		}
		err = s.sends.Move(ctx, key, from, s.send(e))
		if errors.Is(err, ErrMoved) { // by a copy, which is bound to its seq now
			e, head, err = s.claim(ctx, key, Publication{RoomID: e.RoomID, UserID: e.UserID, Message: e.Message}, e, head)
		}
		if err != nil {
			return Entry{}, Head{}, err
		}
	}
	return Entry{}, Head{}, fmt.Errorf("every seq was declared void before the message was there, %d times", placeTries)
}

// putUntil puts an entry at its seq and returns what is there then. No attempt to
// put it begins after until, see landable: then the seq is declared void, which
// also tells what became of an attempt without an answer.
func (s *Service) putUntil(ctx context.Context, e Entry, until time.Time) (Entry, error) {
	if left := until.Sub(s.now()); left > 0 {
		putting, cancel := context.WithTimeout(ctx, left)
		there, err := s.log.Put(putting, e)
		cancel()
		if err == nil || ctx.Err() != nil || s.now().Before(until) {
			return there, err
		}
	}
	return s.log.Put(ctx, s.void(e.RoomID, e.Seq, e.Timestamp))
}

// entry returns the entry of a publication that was decided about.
func (s *Service) entry(p Publication, d Send) Entry {
	return Entry{
		RoomID: p.RoomID, Seq: d.Seq, ID: d.ID, UserID: p.UserID, Message: p.Message,
		Timestamp: d.Timestamp, ExpiresAt: d.Timestamp.Add(s.retention.Age).Truncate(time.Second),
	}
}

// send returns what is remembered about the send of an entry.
func (s *Service) send(e Entry) Send {
	// A clock that is ahead must not end the window early.
	const skew = time.Minute
	return Send{ID: e.ID, Timestamp: e.Timestamp, Seq: e.Seq, ExpiresAt: s.now().Add(SendWindow + skew).Truncate(time.Second)}
}

// leaveVoid declares void the seq of an entry that is not going to be there.
// Readers would do so after a while; this spares them the wait.
func (s *Service) leaveVoid(ctx context.Context, e Entry) {
	if _, err := s.log.Put(ctx, s.void(e.RoomID, e.Seq, e.Timestamp)); err != nil {
		s.logger.WarnContext(ctx, "could not declare a seq void, its readers will", "roomId", e.RoomID, "seq", e.Seq, "error", err)
	}
}

// void returns the entry that says that there is no message at a seq. It
// expires with the messages around it, whenever it is declared: see recover.
func (s *Service) void(roomID string, seq int64, taken time.Time) Entry {
	return Entry{RoomID: roomID, Seq: seq, Timestamp: taken, ExpiresAt: taken.Add(s.retention.Age).Truncate(time.Second)}
}
