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
	ID           string
	From         string
	Notification json.RawMessage
	Timestamp    time.Time // in whole milliseconds
	ExpiresAt    time.Time // in whole seconds
}

// Inboxes keep the notifications of users until they are acknowledged. Every
// read sees every write that returned before, and nothing that has expired.
type Inboxes interface {
	// Keep puts a notification into a user's inbox and counts it. Keeping it
	// again changes nothing but the count. count is how often something was
	// kept since the last Trim: not less than what is there, but for what a
	// Keep that came to an end halfway did not count.
	Keep(ctx context.Context, userID string, n Note) (count int64, err error)

	// Waiting returns what is in an inbox after the id since, the oldest
	// first, at most limit.
	Waiting(ctx context.Context, userID, since string, limit int) ([]Note, error)

	// Trim drops the oldest until keep are left, and adds how many these were
	// to what Dropped returns.
	Trim(ctx context.Context, userID string, keep int) error

	// Dropped returns how many notifications were dropped, less those that
	// Forgive took off.
	Dropped(ctx context.Context, userID string) (int64, error)

	// Forgive takes n off what Dropped returns, down to 0 at least.
	Forgive(ctx context.Context, userID string, n int64) error

	// Acknowledge removes a notification, or returns ErrUnknownNotification.
	// It does not come back by being kept again within SendWindow.
	Acknowledge(ctx context.Context, userID, id string) error
}
