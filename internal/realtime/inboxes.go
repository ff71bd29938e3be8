package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// ErrUnknownNotification says that a notification is not in an inbox: it was
// acknowledged before, or never was there.
var ErrUnknownNotification = errors.New("unknown notification")

// What is kept of notifications, where nothing else is asked for.
const (
	DefaultInboxRetention = 30 * 24 * time.Hour
	DefaultInboxLimit     = 100
)

// Note is a notification as it lies in a user's inbox.
type Note struct {
	// ID sorts by when the notification was taken.
	ID string
	// From is who the user sees as its sender, and Service says that a service
	// of the stack sent it, which may give any name.
	From         string
	Service      bool
	Notification json.RawMessage
	Timestamp    time.Time // in whole milliseconds
	ExpiresAt    time.Time // in whole seconds
}

// InboxState is what is counted of an inbox.
type InboxState struct {
	// Kept is not less than what is there, but for what a Keep that came to an
	// end halfway did not count.
	Kept int64
	// Dropped is how many notifications were ever dropped, and Forgiven how many
	// of them the user has taken note of.
	Dropped, Forgiven int64
}

// Inboxes keep the notifications of users until they are acknowledged. Every
// read sees every write that returned before, and nothing that has expired.
type Inboxes interface {
	// Keep puts a notification into a user's inbox and counts it. Keeping it
	// again changes nothing but the count, which is how often something was
	// kept since the last Trim.
	Keep(ctx context.Context, userID string, n Note) (count int64, err error)

	// Waiting returns what is in an inbox after the id since, the oldest
	// first, at most limit.
	Waiting(ctx context.Context, userID, since string, limit int) ([]Note, error)

	// Has reports whether a notification is in an inbox: it was kept, and
	// neither acknowledged nor dropped since.
	Has(ctx context.Context, userID, id string) (bool, error)

	// Trim drops what [Surplus] names until keep are left, and counts it as
	// dropped. It reads all of the inbox.
	Trim(ctx context.Context, userID string, keep int) error

	// State returns the counts of an inbox.
	State(ctx context.Context, userID string) (InboxState, error)

	// Forgive sets how many dropped notifications the user has taken note of. A
	// number that is not above the one before, or above all that were dropped,
	// changes nothing.
	Forgive(ctx context.Context, userID string, upTo int64) error

	// Acknowledge removes a notification, or returns ErrUnknownNotification.
	// It does not come back by being kept again within SendWindow.
	Acknowledge(ctx context.Context, userID, id string) error
}

// Surplus returns the ids of the notes to drop from an inbox, given the oldest
// first, so that keep are left. Each goes from the sender that has the most
// notes left, the oldest of its own: a sender that floods an inbox pushes out
// nobody's notes who has fewer there. Of senders with equally many the one with the
// oldest note gives one up. A service and a user of the same name are two
// senders. Only ID, From and Service of the notes count.
func Surplus(notes []Note, keep int) []string {
	type sender struct {
		from    string
		service bool
	}
	left := map[sender][]string{}
	for _, n := range notes {
		of := sender{n.From, n.Service}
		left[of] = append(left[of], n.ID)
	}
	var surplus []string
	for range max(len(notes)-keep, 0) {
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
