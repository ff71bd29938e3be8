package realtime

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

// inboxSlack is the part of its limit that an inbox may hold above it, a quarter,
// before it is trimmed. A trim reads the whole inbox, so it must be rare.
const inboxSlack = 4

// clockSkew is how far the clock of a function, or of API Gateway, may be off. Two
// functions may be twice as far apart.
const clockSkew = 5 * time.Second

// Notice is a notification for users.
type Notice struct {
	UserIDs []string
	// From is who the users see as its sender, and Service says that a service
	// of the stack sends it in that name. Users and services name their sends,
	// and fill inboxes, apart from each other.
	From         string
	Service      bool
	Notification json.RawMessage
	// ClientID names the notification among its sender's: within SendWindow
	// it is taken once, however often it comes. "" is no name.
	ClientID string
}

// NotifyReceipt says what became of a notification.
type NotifyReceipt struct {
	ID string
	// Delivered is the number of connections that got it at once.
	Delivered int
	Timestamp time.Time
}

// Notify does what a notify asks for. It needs Connections, Sends, Inboxes, Rates,
// Poster and Queue.
func (s *Service) Notify(ctx context.Context, c *frames.Call, req protocol.Notify) (protocol.Answer, error) {
	if err := s.limits.checkNotify(req); err != nil {
		return nil, err
	}
	// As many messages as there are users: so much is written.
	messages := weight(len(req.UserIDs), len(req.Notification))
	if err := s.hasSpent(c.ConnectionID, messages); err != nil {
		return nil, err
	}
	sender, err := s.known(ctx, c.ConnectionID)
	for _, userID := range req.UserIDs {
		if err == nil {
			err = sender.permits(userID, permission.Notify)
		}
	}
	if err != nil {
		return nil, err
	}
	if err := s.spendMessages(ctx, sender, messages); err != nil {
		return nil, err
	}
	receipt, err := s.NotifyUsers(ctx, Notice{
		UserIDs: req.UserIDs, From: sender.UserID, Notification: req.Notification, ClientID: req.ClientID,
	})
	if err != nil {
		return nil, err
	}
	return protocol.NotifyAck{ID: receipt.ID, Delivered: receipt.Delivered, Timestamp: receipt.Timestamp.UnixMilli()}, nil
}

// NotifyUsers puts a notification into the inboxes of some users, and posts it
// to their connections. It needs Connections, Sends, Inboxes, Poster and
// Queue. The arguments keep the limits of package protocol. Without an error
// every inbox has it; after one, some may.
func (s *Service) NotifyUsers(ctx context.Context, n Notice) (NotifyReceipt, error) {
	note, copied, err := s.keepOnce(ctx, n)
	if err != nil {
		return NotifyReceipt{}, err
	}
	frame, err := protocol.Encode(note.frame())
	if err != nil {
		return NotifyReceipt{}, err
	}
	// After the inboxes, so that a connection made meanwhile finds it there.
	members, err := s.connectionsOf(ctx, n.UserIDs)
	if err != nil {
		return NotifyReceipt{}, err
	}
	members = s.withoutAcknowledged(ctx, note.ID, members, func(m Member) bool {
		// A device that connected later may belong to a user who has
		// acknowledged the notification by now, on another one.
		return copied || m.ConnectedAt.After(note.Timestamp.Add(-base.ClockSkew))
	})
	delivered, err := s.deliverOrQueue(ctx, delivery{parcels: parcelOf(frame, 0), notificationID: note.ID}, members)
	if err != nil {
		return NotifyReceipt{}, err
	}
	return NotifyReceipt{ID: note.ID, Delivered: delivered, Timestamp: note.Timestamp}, nil
}

// keepOnce puts a notification into the inboxes, once for all its copies, and
// returns it as it is there. copied says that another copy came first.
func (s *Service) keepOnce(ctx context.Context, n Notice) (_ Note, copied bool, err error) {
	now := s.now().Truncate(time.Millisecond)
	note := Note{
		ID: s.newID(), From: n.From, Service: n.Service, Notification: n.Notification,
		Timestamp: now, ExpiresAt: now.Add(s.inboxRetention).Truncate(time.Second),
	}
	if n.ClientID == "" {
		return note, false, s.keep(ctx, n.UserIDs, note)
	}
	key := sends.Key{UserID: n.From, ClientID: n.ClientID, Service: n.Service}
	claim := sends.New(note.ID, note.Timestamp, 0, s.now())
	claim.Digest = n.digest()
	held, err := s.sends.Claim(ctx, key, claim)
	if err != nil {
		return Note{}, false, err
	}
	if held.Digest != claim.Digest {
		return Note{}, false, protocol.Errorf(protocol.CodeBadField,
			"clientId: %q was given to another notification within the last %v", n.ClientID, sends.Window)
	}
	copied = held.ID != note.ID
	note.ID, note.Timestamp = held.ID, held.Timestamp
	if held.Seq != 0 { // every inbox had it: some may have acknowledged it
		return note, copied, nil
	}
	if err := s.keep(ctx, n.UserIDs, note); err != nil {
		return Note{}, false, err
	}
	held.Seq = 1
	if err := s.sends.Move(ctx, key, 0, held); err != nil && !errors.Is(err, sends.ErrMoved) {
		return Note{}, false, err
	}
	return note, copied, nil
}

// digest tells notifications apart by whom they are for and what they say.
func (n Notice) digest() string {
	hash := sha256.New()
	for _, userID := range slices.Sorted(slices.Values(n.UserIDs)) {
		fmt.Fprintf(hash, "%q ", userID)
	}
	hash.Write(n.Notification)
	const enough = 16
	return hex.EncodeToString(hash.Sum(nil)[:enough])
}

// keep puts a notification into the inboxes of users, and trims an inbox that
// has grown too much.
func (s *Service) keep(ctx context.Context, userIDs []string, note Note) error {
	return base.ForEach(len(userIDs), base.CallConcurrency, func(i int) error {
		userID := userIDs[i]
		count, err := s.inboxes.Keep(ctx, userID, note)
		if err == nil && s.trimIsDue(count) {
			err = s.inboxes.Trim(ctx, userID, s.inboxLimit)
		}
		if err != nil {
			return fmt.Errorf("put a notification into the inbox of user %q: %w", userID, err)
		}
		return nil
	})
}

// trimIsDue reports whether an inbox is to be trimmed in which so many were kept
// since the last time. Each count comes once, so of those who put something into
// an inbox at the same time one trims it; should that one fail, the inbox grows
// by a quarter more until the next.
func (s *Service) trimIsDue(count int64) bool {
	slack := int64(s.inboxLimit / inboxSlack)
	over := count - int64(s.inboxLimit) - slack
	return over > 0 && (over-1)%max(slack, 1) == 0
}

// connectionsOf returns the connections of all of the users.
func (s *Service) connectionsOf(ctx context.Context, userIDs []string) ([]Member, error) {
	found := make([][]Member, len(userIDs))
	err := base.ForEach(len(userIDs), base.CallConcurrency, func(i int) (err error) {
		if found[i], err = s.connections.OfUser(ctx, userIDs[i]); err != nil {
			return fmt.Errorf("look up the connections of user %q: %w", userIDs[i], err)
		}
		return nil
	})
	return slices.Concat(found...), err
}

// withoutAcknowledged returns the members without those whose user has
// acknowledged a notification, or had it dropped. It asks for the users of whose
// members one is in doubt. Where that cannot be read, nobody is left out.
func (s *Service) withoutAcknowledged(ctx context.Context, id string, members []Member, inDoubt func(Member) bool) []Member {
	waits := map[string]bool{}
	for _, m := range members {
		if inDoubt(m) {
			waits[m.UserID] = true
		}
	}
	asked := slices.Collect(maps.Keys(waits))
	var mu sync.Mutex
	_ = base.ForEach(len(asked), base.CallConcurrency, func(i int) error { // there are no errors
		has, err := s.inboxes.Has(ctx, asked[i], id)
		mu.Lock()
		defer mu.Unlock()
		waits[asked[i]] = has || err != nil
		return nil
	})
	return slices.DeleteFunc(members, func(m Member) bool {
		has, known := waits[m.UserID]
		return known && !has
	})
}
