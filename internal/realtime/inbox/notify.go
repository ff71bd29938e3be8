package inbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/sends"
)

const (
	// DefaultRetention is how long a notification waits to be acknowledged.
	DefaultRetention = 30 * 24 * time.Hour
	// DefaultLimit is how many notifications of a user are kept.
	DefaultLimit = 100
	// slack is the part of its limit by which an inbox may exceed it, a quarter,
	// before it is trimmed. A trim reads the whole inbox, so it must be rare.
	slack = 4
)

// Options configure a [Notifier].
type Options struct {
	// Retention is how long a notification waits to be acknowledged. Default:
	// DefaultRetention.
	Retention time.Duration
	// Limit is how many notifications of a user are kept, see [Surplus]. Default:
	// DefaultLimit.
	Limit int
}

// withDefaults returns the options with the default of each field that is 0.
func (o Options) withDefaults() Options {
	return Options{Retention: cmp.Or(o.Retention, DefaultRetention), Limit: cmp.Or(o.Limit, DefaultLimit)}
}

// Notice is a notification for users.
type Notice struct {
	UserIDs []string
	// From is who the users see as its sender. Service is set if a service of the stack
	// sends it in that name. Users and services name their sends, and fill inboxes,
	// apart from each other.
	From         string
	Service      bool
	Notification json.RawMessage
	// ClientID names the notification among its sender's: within [sends.Window] it is
	// accepted once, however often it arrives. "" is no name.
	ClientID string
}

// Receipt says what became of a notification.
type Receipt struct {
	ID string
	// Delivered is the number of connections that got it at once.
	Delivered int
	Timestamp time.Time
}

// Notifier notifies users.
type Notifier struct {
	inboxes   Keeper
	sends     sends.Store
	users     members.Users
	deliverer *delivery.Deliverer
	options   Options
	env       base.Env
}

// NewNotifier returns a notifier.
func NewNotifier(inboxes Keeper, sent sends.Store, users members.Users, d *delivery.Deliverer, o Options, env base.Env) *Notifier {
	return &Notifier{inboxes: inboxes, sends: sent, users: users, deliverer: d, options: o.withDefaults(), env: env.WithDefaults()}
}

// Notify puts a notification into the inboxes of its users, and posts it to their
// connections. The notice must keep the limits of package protocol. Without an error
// every inbox has it; after one, some may.
func (n *Notifier) Notify(ctx context.Context, what Notice) (Receipt, error) {
	kept, copied, err := n.putOnce(ctx, what)
	if err != nil {
		return Receipt{}, err
	}
	data, err := protocol.Encode(kept.frame())
	if err != nil {
		return Receipt{}, err
	}
	// After the inboxes, so that a connection made meanwhile finds it there.
	to, err := n.connections(ctx, what.UserIDs)
	if err != nil {
		return Receipt{}, err
	}
	to = delivery.WithoutAcknowledged(ctx, n.inboxes, kept.ID, to, func(m members.Member) bool {
		// A device that connected later may belong to a user who has acknowledged the
		// notification by now, on another device.
		return copied || m.ConnectedAt.After(kept.Timestamp.Add(-base.ClockSkew))
	})
	delivered, err := n.deliverer.Notify(ctx, kept.ID, data, to)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{ID: kept.ID, Delivered: delivered, Timestamp: kept.Timestamp}, nil
}

// putOnce puts a notification into the inboxes, once for all its copies, and returns
// it as it is there. copied is set if another copy came first.
func (n *Notifier) putOnce(ctx context.Context, what Notice) (_ Notification, copied bool, err error) {
	now := n.env.Now().Truncate(time.Millisecond)
	kept := Notification{
		ID: n.env.NewID(), From: what.From, Service: what.Service, Notification: what.Notification,
		Timestamp: now, ExpiresAt: now.Add(n.options.Retention).Truncate(time.Second),
	}
	if what.ClientID == "" {
		return kept, false, n.put(ctx, what.UserIDs, kept)
	}
	key := sends.Key{UserID: what.From, ClientID: what.ClientID, Service: what.Service}
	claim := sends.New(kept.ID, kept.Timestamp, 0, n.env.Now())
	claim.Digest = what.digest()
	held, err := n.sends.Claim(ctx, key, claim)
	if err != nil {
		return Notification{}, false, err
	}
	if held.Digest != claim.Digest {
		return Notification{}, false, protocol.Errorf(protocol.CodeBadField,
			"clientId: %q named another notification within the last %v", what.ClientID, sends.Window)
	}
	copied = held.ID != kept.ID
	kept.ID, kept.Timestamp = held.ID, held.Timestamp
	if held.Seq != 0 { // every inbox had it: some users may have acknowledged it
		return kept, copied, nil
	}
	if err := n.put(ctx, what.UserIDs, kept); err != nil {
		return Notification{}, false, err
	}
	held.Seq = 1
	if err := n.sends.Move(ctx, key, 0, held); err != nil && !errors.Is(err, sends.ErrMoved) {
		return Notification{}, false, err
	}
	return kept, copied, nil
}

// digest identifies a notification by its users and its content.
func (n Notice) digest() string {
	hash := sha256.New()
	for _, userID := range slices.Sorted(slices.Values(n.UserIDs)) {
		fmt.Fprintf(hash, "%q ", userID)
	}
	hash.Write(n.Notification)
	const enough = 16
	return hex.EncodeToString(hash.Sum(nil)[:enough])
}

// put puts a notification into the inboxes of users, and trims an inbox that has
// grown too much.
func (n *Notifier) put(ctx context.Context, userIDs []string, kept Notification) error {
	return base.ForEach(len(userIDs), base.CallConcurrency, func(i int) error {
		userID := userIDs[i]
		count, err := n.inboxes.Add(ctx, userID, kept)
		if err == nil && n.isTrimDue(count) {
			err = n.inboxes.Trim(ctx, userID, n.options.Limit)
		}
		if err != nil {
			return fmt.Errorf("put a notification into the inbox of user %q: %w", userID, err)
		}
		return nil
	})
}

// isTrimDue reports whether to trim an inbox that had a number of additions since
// the last trim. Each count comes once, so of concurrent additions to one inbox exactly one
// trims it. If that trim fails, the inbox grows by a quarter more until the next.
func (n *Notifier) isTrimDue(count int64) bool {
	extra := int64(n.options.Limit / slack)
	over := count - int64(n.options.Limit) - extra
	return over > 0 && (over-1)%max(extra, 1) == 0
}

// connections returns the connections of all of the users.
func (n *Notifier) connections(ctx context.Context, userIDs []string) ([]members.Member, error) {
	found := make([][]members.Member, len(userIDs))
	err := base.ForEach(len(userIDs), base.CallConcurrency, func(i int) (err error) {
		if found[i], err = n.users.OfUser(ctx, userIDs[i]); err != nil {
			return fmt.Errorf("look up the connections of user %q: %w", userIDs[i], err)
		}
		return nil
	})
	return slices.Concat(found...), err
}
