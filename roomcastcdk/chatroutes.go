package roomcastcdk

import (
	"slices"

	"github.com/roomcast/roomcast/internal/settings"
)

// chatRoute is a route that every ChatApi has, with all that its function may
// do. The function gets the environment that goes with it, and no more.
type chatRoute struct {
	key     string // the route key: what a frame names as its action
	id      string // the id of the construct that holds the function
	handler string // what the program knows the function by

	connections []string // calls on the connection table
	messages    []string // calls on the message table
	sockets     []string // HTTP methods on @connections
	broadcasts  bool     // may queue a broadcast
	cursors     bool     // may queue the move of a cursor
	told        []string // props that it finds in its environment
}

// Calls that go together.
var (
	// readMembers finds out who is connected or in a room.
	readMembers = []string{"dynamodb:GetItem", "dynamodb:Query"}
	// reachMembers also removes the connections that turn out to be gone,
	// and the seats they held.
	reachMembers = []string{"dynamodb:GetItem", "dynamodb:Query", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"}
	// sendWithinRate does the same for a user, and counts what the user sends.
	sendWithinRate = append(slices.Clone(reachMembers), "dynamodb:UpdateItem")
	// appendMessage claims the send, or reads what a copy of it did, counts
	// the room's sequence up and puts the message.
	appendMessage = []string{"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PutItem"}
	// readLog reads a room's head and log, and settles what is neither there
	// nor will be by putting a void. In the head it notes up to where it did.
	readLog = []string{"dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem"}
	// keepNotification claims the send, puts the notification into inboxes,
	// counts, and drops the oldest of an inbox that is full.
	keepNotification = []string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:BatchWriteItem"}
	// readInbox reads an inbox, and drops first what it holds above its limit.
	readInbox = []string{"dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"}
	// resizeRoom reads a room's head and writes how it is split into shards.
	resizeRoom = []string{"dynamodb:GetItem", "dynamodb:UpdateItem"}
	// justPost posts to a socket. Nobody is found to be gone by a cursor.
	justPost = []string{"POST"}
	// postAndConfirm posts to a socket, and asks whether one is really gone.
	postAndConfirm = []string{"POST", "GET"}
)

// Limits that go together.
var (
	frameLimits = []string{settings.FrameRate}
	sendLimits  = []string{settings.MessageRate, settings.MessageBurst, settings.FrameRate, settings.MaxMessageBytes}
)

var chatRoutes = []chatRoute{
	{key: "$connect", id: "Connect", handler: "connect",
		connections: []string{"dynamodb:BatchWriteItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"},
		messages:    []string{"dynamodb:GetItem"},
		told:        []string{settings.Auth, settings.ConnectionsPerIP, settings.ConnectionsPerUser, settings.MembersPerRoom}},
	{key: "$disconnect", id: "Disconnect", handler: "disconnect",
		connections: []string{"dynamodb:GetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"}},
	{key: "$default", id: "Fallback", handler: "fallback"},
	{key: "sendMessage", id: "SendMessage", handler: "sendmessage",
		connections: sendWithinRate, messages: appendMessage, sockets: postAndConfirm, broadcasts: true,
		told: slices.Concat([]string{settings.DirectLimit, settings.MessageRetention}, sendLimits)},
	{key: "join", id: "Join", handler: "join",
		connections: []string{"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"},
		messages:    readLog, // it may also resize the room
		told: []string{settings.MessageRetention, settings.MessageHistory, settings.ShardSize,
			settings.RoomsPerConnection, settings.MembersPerRoom, settings.FrameRate}},
	{key: "leave", id: "Leave", handler: "leave",
		connections: []string{"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"},
		messages:    []string{"dynamodb:GetItem"},
		told:        frameLimits},
	{key: "history", id: "History", handler: "history",
		connections: []string{"dynamodb:GetItem"}, messages: readLog,
		told: slices.Concat([]string{settings.MessageRetention, settings.MessageHistory}, frameLimits)},
	{key: "cursorMove", id: "CursorMove", handler: "cursormove",
		connections: append(slices.Clone(readMembers), "dynamodb:UpdateItem"), // it counts the posts
		messages:    []string{"dynamodb:GetItem"}, sockets: justPost, cursors: true,
		told: []string{settings.DirectLimit, settings.CursorRate, settings.CursorMembers, settings.CursorPosts}},
	{key: "notify", id: "Notify", handler: "notify",
		connections: sendWithinRate, messages: keepNotification, sockets: postAndConfirm, broadcasts: true,
		told: slices.Concat([]string{settings.NotificationRetention, settings.InboxLimit, settings.NotifyUsers}, sendLimits)},
	{key: "inbox", id: "Inbox", handler: "inbox",
		connections: []string{"dynamodb:GetItem"}, messages: readInbox,
		told: slices.Concat([]string{settings.InboxLimit}, frameLimits)},
	{key: "ackNotification", id: "AckNotification", handler: "acknotification",
		connections: []string{"dynamodb:GetItem"}, messages: []string{"dynamodb:UpdateItem"},
		told: frameLimits},
	{key: "presence", id: "Presence", handler: "presence",
		connections: readMembers, messages: []string{"dynamodb:GetItem"},
		told: frameLimits},
	{key: "ping", id: "Ping", handler: "ping",
		connections: []string{"dynamodb:GetItem", "dynamodb:UpdateItem"}, messages: []string{"dynamodb:GetItem"},
		told: frameLimits},
}

// refreshing is what the function that judges tokens does for an API: it gives
// a connection the identity of a new token, and moves its end.
var refreshing = chatRoute{
	key:         "refresh",
	connections: []string{"dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem"},
	told:        frameLimits,
}

// expiring is what the expiry function does: it looks up whose token has ended,
// closes those connections and forgets them.
var expiring = chatRoute{
	connections: []string{"dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"},
	sockets:     []string{"DELETE"},
}

// publishing is what package publish does: what sendMessage and notify do, but
// for the limits, since a server is not bound by them.
var publishing = chatRoute{
	connections: reachMembers, messages: keepNotification, sockets: postAndConfirm, broadcasts: true,
	told: []string{settings.DirectLimit, settings.MessageRetention, settings.NotificationRetention, settings.InboxLimit},
}

// broadcasting is what the broadcast function does besides what it does for
// any API: post, and split the rooms that are large.
var broadcasting = chatRoute{
	messages: resizeRoom, sockets: postAndConfirm,
	told: []string{settings.ShardSize},
}

// showing is what the cursor function does for an API.
var showing = chatRoute{sockets: justPost}

// answers reports whether what the function returns is sent to the client as a
// frame: a handshake has its HTTP status, a closed socket hears nothing, and a
// cursor that was moved has no answer, for which API Gateway may send, and bill,
// an empty frame. The function posts the rare error itself.
func (r chatRoute) answers() bool {
	return r.key != "$connect" && r.key != "$disconnect" && r.key != "cursorMove"
}
