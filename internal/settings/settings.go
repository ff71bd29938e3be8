// Package settings has the names of environment variables and context keys. The
// constructs write them into the template, the handlers and package publish
// read them: with one constant for each, they cannot differ.
//
// It must stay free of both jsii and the AWS SDK, because both sides import it.
package settings

// Environment variables of a Roomcast function.
const (
	// ConnectionTable is the name of the table of connections and memberships.
	ConnectionTable = "ROOMCAST_CONNECTION_TABLE"
	// MessageTable is the name of the table of room logs and inboxes.
	MessageTable = "ROOMCAST_MESSAGE_TABLE"
	// CallbackURL is the stage's https URL, the base of @connections.
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
	// InboxLimit is how many notifications an inbox keeps.
	InboxLimit = "ROOMCAST_INBOX_LIMIT"
	// MaxReceiveCount is how often a broadcast job is tried before it goes to
	// the dead-letter queue.
	MaxReceiveCount = "ROOMCAST_MAX_RECEIVE_COUNT"
	// PostsInFlight is how many concurrent posts of queued jobs a function makes.
	PostsInFlight = "ROOMCAST_POSTS_IN_FLIGHT"

	// OwnActions lists the actions of the application's own routes, separated by
	// commas, for the answer to an unknown action.
	OwnActions = "ROOMCAST_OWN_ACTIONS"

	// Auth says who decides who a client is: "open" (the client itself) or "token"
	// (the authorizer of $connect). Without it, the connect function refuses every
	// client.
	Auth = "ROOMCAST_AUTH"
	// AuthAlgorithms lists the accepted signature algorithms, such as "RS256",
	// separated by commas.
	AuthAlgorithms = "ROOMCAST_AUTH_ALGORITHMS"
	// AuthIssuer is the required iss of a token.
	AuthIssuer = "ROOMCAST_AUTH_ISSUER"
	// AuthAudience lists accepted values, separated by commas: a token's aud, or
	// its client_id if it has no aud, has to contain one.
	AuthAudience = "ROOMCAST_AUTH_AUDIENCE"
	// AuthJWKSURL is where the issuer publishes its keys. Not with AuthSecretARN.
	AuthJWKSURL = "ROOMCAST_AUTH_JWKS_URL"
	// AuthSecretARN names the secret in Secrets Manager that tokens are signed
	// with (HS256). The secret itself is in no environment.
	AuthSecretARN = "ROOMCAST_AUTH_SECRET_ARN"
	// AuthUserClaim is the claim that names the user, such as "sub".
	AuthUserClaim = "ROOMCAST_AUTH_USER_CLAIM"
	// AuthPermissionsClaim is the claim that holds the permissions.
	AuthPermissionsClaim = "ROOMCAST_AUTH_PERMISSIONS_CLAIM"

	// Limits. Each is a whole number. 0 means no limit only where the comment says
	// so.

	// MessageRate is how many messages and notifications a user may send in a
	// second over all connections; 0 is no limit.
	MessageRate = "ROOMCAST_MESSAGE_RATE"
	// MessageBurst is how many of them a user may send at once.
	MessageBurst = "ROOMCAST_MESSAGE_BURST"
	// ConnectionsPerIP is how many connections an address, an IPv6 /64, may
	// have; 0 is no limit.
	ConnectionsPerIP = "ROOMCAST_CONNECTIONS_PER_IP"
	// ConnectionsPerUser is how many connections a user may have; 0 is no limit.
	ConnectionsPerUser = "ROOMCAST_CONNECTIONS_PER_USER"
	// RoomsPerConnection is how many rooms a connection may be in.
	RoomsPerConnection = "ROOMCAST_ROOMS_PER_CONNECTION"
	// MembersPerRoom is how many members a room may have; 0 is no limit.
	MembersPerRoom = "ROOMCAST_MEMBERS_PER_ROOM"
	// MaxMessageBytes is the most bytes of a message or a notification.
	MaxMessageBytes = "ROOMCAST_MAX_MESSAGE_BYTES"
	// NotifyUsers is how many users one notification may name.
	NotifyUsers = "ROOMCAST_NOTIFY_USERS"
	// FrameRate is how many frames a second of one connection a warm function
	// accepts, except cursor moves; 0 is no limit.
	FrameRate = "ROOMCAST_FRAME_RATE"
	// CursorRate is the same for the moves of cursors; 0 is no limit.
	CursorRate = "ROOMCAST_CURSOR_RATE"
	// CursorMembers is how many members a room may have for cursors to move in it;
	// 0 is no limit.
	CursorMembers = "ROOMCAST_CURSOR_MEMBERS"
	// CursorPosts is how many posts a second the moves of cursors take in all
	// rooms up to the direct limit; 0 is no limit.
	CursorPosts = "ROOMCAST_CURSOR_POSTS"
)

// The values of Auth.
const (
	OpenAuth  = "open"
	TokenAuth = "token"
)

// Context keys that a CDK app of Roomcast understands.
const (
	// ContextTarget says what the Go functions are built for: "lambda"
	// (default; linux and the function's architecture), "host" (this machine,
	// for a local run) or "none" (they are not built, for tests of templates).
	ContextTarget = "roomcast:target"
	// ContextAuth has to be "open" for a stack without authentication; without
	// it the stack makes a secret and takes tokens that are signed with it.
	ContextAuth = "roomcast:auth"
)
