package routes

import (
	"slices"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/settings"
)

// The names of the functions: what the program is called by, and what props
// configure them by.
const (
	// Session begins and ends connections.
	Session = "session"
	// Messages sends messages and notifications: what clients wait for most.
	Messages = "messages"
	// Rooms joins and leaves rooms, and reads them.
	Rooms = "rooms"
	// Inbox reads and acknowledges notifications.
	Inbox = "inbox"
	// Ephemeral does what is worth nothing a moment later. Frames that no route
	// takes go there too: a flood of them delays nothing that lasts.
	Ephemeral = "ephemeral"
	// Authorizer judges tokens, at the handshake and when one is refreshed.
	Authorizer = "authorizer"
	// Broadcast works off the queue of jobs, and Cursors the queue of cursor moves.
	Broadcast = "broadcast"
	Cursors   = "cursors"
	// Expiry closes the connections whose token has expired.
	Expiry = "expiry"
)

// Function is a function that serves routes.
type Function struct {
	Name string
	// ID is the id of its construct.
	ID string
}

// Functions are the functions that every ChatApi makes for its routes.
var Functions = []Function{
	{Session, "Session"}, {Messages, "Messages"}, {Rooms, "Rooms"}, {Inbox, "Inbox"}, {Ephemeral, "Ephemeral"},
}

// Of returns the routes that a function serves.
func Of(function string) []Route {
	return slices.DeleteFunc(slices.Clone(Routes), func(r Route) bool { return r.Function != function })
}

// ByKey returns the route of a key.
func ByKey(key string) (Route, bool) {
	i := slices.IndexFunc(Routes, func(r Route) bool { return r.Key == key })
	if i < 0 {
		return Route{}, false
	}
	return Routes[i], true
}

// AccessOf returns what a function needs to serve its routes, and to do what it
// does besides.
func AccessOf(function string) Access {
	all := workers[function]
	for _, r := range Of(function) {
		all = all.and(r.Access)
		switch r.Checks.Rate {
		case frames.FrameRate:
			all.Env = with(all.Env, settings.FrameRate)
		case frames.CursorRate:
			all.Env = with(all.Env, settings.CursorRate)
		}
	}
	return all
}

// workers lists what functions without a route do.
var workers = map[string]Access{
	// It posts, splits the rooms that are large, and queues what a job leaves undone. A
	// split stores the head of a room, which is kept for as long as messages are.
	Broadcast: {
		Connections: reachMembers, Messages: calls(get, update), Sockets: postAndConfirm, Broadcasts: true,
		Env: []string{settings.ShardSize, settings.MessageRetention},
	},
	Cursors: {Connections: calls(query), Sockets: justPost},
	// It looks up whose token has expired, closes those connections and forgets them.
	Expiry: {Connections: calls(query, get, batchWrite, del), Sockets: []string{"DELETE"}},
}

// Publish is what package publish does: what sendMessage and notify do, but for the
// limits, which do not bind a server.
var Publish = Access{
	Connections: reachMembers, Messages: keepNotification, Sockets: postAndConfirm, Broadcasts: true,
	Env: []string{settings.DirectLimit, settings.MessageRetention, settings.NotificationRetention, settings.InboxLimit},
}

// and returns what a and b need together, each call once.
func (a Access) and(b Access) Access {
	return Access{
		Connections: with(a.Connections, b.Connections...),
		Messages:    with(a.Messages, b.Messages...),
		Sockets:     with(a.Sockets, b.Sockets...),
		Broadcasts:  a.Broadcasts || b.Broadcasts,
		Cursors:     a.Cursors || b.Cursors,
		Env:         with(a.Env, b.Env...),
	}
}

// with returns a list with more, each element once.
func with(list []string, more ...string) []string {
	all := slices.Clone(list)
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
