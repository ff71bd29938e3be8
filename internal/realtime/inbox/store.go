package inbox

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// ErrUnknownNotification is returned when a notification is not in an inbox: it was
// acknowledged before, or never was there.
var ErrUnknownNotification = errors.New("unknown notification")

// Notification is a notification in a user's inbox.
type Notification struct {
	// ID sorts by when the notification was accepted.
	ID string
	// From is who the user sees as its sender. Service is set if a service of the stack
	// sent it, which may give any name.
	From         string
	Service      bool
	Notification json.RawMessage
	Timestamp    time.Time // in whole milliseconds
	ExpiresAt    time.Time // in whole seconds
}

// frame returns the frame of a notification.
func (n Notification) frame() protocol.Notification {
	return protocol.Notification{ID: n.ID, From: n.From, Notification: n.Notification, Timestamp: n.Timestamp.UnixMilli()}
}

// State is what is counted of an inbox.
type State struct {
	// Count is how many notifications the inbox holds. It may be too high, but it is
	// too low only by what an Add that crashed halfway did not count.
	Count int64
	// Dropped is how many notifications were ever dropped, and DroppedAcked is how many
	// of them the user has acknowledged.
	Dropped, DroppedAcked int64
}

// Store keeps the notifications of users until they are acknowledged. Every read
// sees every write that returned before, and nothing that has expired.
type Store interface {
	Keeper
	Pages
	Acks
}

// Keeper puts notifications into inboxes.
type Keeper interface {
	delivery.Waiting

	// Add puts a notification into a user's inbox and counts it. Adding it again
	// changes nothing but the count, which is how many were added since the last Trim.
	Add(ctx context.Context, userID string, n Notification) (count int64, err error)

	// Trim drops what [Surplus] names until keep are left, and counts it as dropped. It
	// reads the whole inbox.
	Trim(ctx context.Context, userID string, keep int) error
}

// Pages reads inboxes.
type Pages interface {
	// List returns the notifications of an inbox after the id since, the oldest first,
	// at most limit.
	List(ctx context.Context, userID, since string, limit int) ([]Notification, error)

	// State returns the counts of an inbox.
	State(ctx context.Context, userID string) (State, error)

	// Trim is that of [Keeper].
	Trim(ctx context.Context, userID string, keep int) error
}

// Acks removes notifications from inboxes.
type Acks interface {
	// Acknowledge removes a notification, or returns ErrUnknownNotification. Adding it
	// again within sends.Window does not bring it back.
	Acknowledge(ctx context.Context, userID, id string) error

	// AcknowledgeDropped sets how many dropped notifications the user has acknowledged.
	// A number that is not above the one before, or is above all that were dropped,
	// changes nothing.
	AcknowledgeDropped(ctx context.Context, userID string, upTo int64) error
}

// Surplus returns the ids of the notifications to drop from an inbox, given the
// oldest first, so that keep are left. Each is the oldest of the sender that has the
// most left. So a sender that floods an inbox pushes out no notification of a sender
// that has fewer there. Of senders with equally many, the one with the oldest
// notification loses it. A service and a user of the same name are two senders. Only
// ID, From and Service of the notifications count.
func Surplus(notifications []Notification, keep int) []string {
	type sender struct {
		from    string
		service bool
	}
	left := map[sender][]string{}
	for _, n := range notifications {
		of := sender{n.From, n.Service}
		left[of] = append(left[of], n.ID)
	}
	var surplus []string
	for range max(len(notifications)-keep, 0) {
		var most []string
		var from sender
		for of, ids := range left {
			if len(ids) > len(most) || len(ids) == len(most) && len(ids) > 0 && ids[0] < most[0] {
				most, from = ids, of
			}
		}
		surplus, left[from] = append(surplus, most[0]), most[1:]
	}
	return surplus
}
