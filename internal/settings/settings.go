// Package settings holds the names by which the constructs hand a function
// its configuration. The constructs write them into the template, the handlers
// and package publish read them: one constant each, so the two cannot drift.
//
// It must stay free of both jsii and the AWS SDK, because both sides import it.
package settings

// Environment variables of a Roomcast function.
const (
	// ConnectionTable is the name of the table of connections and memberships.
	ConnectionTable = "ROOMCAST_CONNECTION_TABLE"
	// MessageTable is the name of the table of room logs and inboxes.
	MessageTable = "ROOMCAST_MESSAGE_TABLE"
	// CallbackURL is the stage's https URL, under which @connections lies.
	CallbackURL = "ROOMCAST_CALLBACK_URL"
	// BroadcastQueueURL is the URL of the FIFO queue of fan-out jobs.
	BroadcastQueueURL = "ROOMCAST_BROADCAST_QUEUE_URL"
	// CursorQueueURL is the URL of the FIFO queue of cursor moves in rooms
	// above the direct limit.
	CursorQueueURL = "ROOMCAST_CURSOR_QUEUE_URL"
	// DirectLimit is the number of members up to which the sender's own
	// function posts to a room; a larger room goes through the queue.
	DirectLimit = "ROOMCAST_DIRECT_LIMIT"
	// ShardSize is about how many members share a shard of a room.
	ShardSize = "ROOMCAST_SHARD_SIZE"
	// MessageRetention is how long a message stays in its room's log, in
	// whole seconds.
	MessageRetention = "ROOMCAST_MESSAGE_RETENTION"
	// MessageHistory is how many of the newest messages of a room can be read
	// again.
	MessageHistory = "ROOMCAST_MESSAGE_HISTORY"
	// NotificationRetention is how long a notification waits in an inbox, in
	// whole seconds.
	NotificationRetention = "ROOMCAST_NOTIFICATION_RETENTION"
	// InboxLimit is how many notifications an inbox holds.
	InboxLimit = "ROOMCAST_INBOX_LIMIT"
	// MaxReceiveCount is how often a broadcast job is tried before it goes to
	// the dead-letter queue.
	MaxReceiveCount = "ROOMCAST_MAX_RECEIVE_COUNT"
)

// Context keys that a CDK app of Roomcast understands.
const (
	// ContextTarget says what the Go functions are built for: "lambda"
	// (default; linux and the function's architecture) or "host" (this
	// machine, for a local run).
	ContextTarget = "roomcast:target"
	// ContextAuth has to be "open" for a stack without authentication.
	ContextAuth = "roomcast:auth"
)
