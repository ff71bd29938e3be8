package roomcastclient

import (
	"context"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Room is a handle for one room of a client. [Client.Room] returns it. All handles
// of a room are equivalent: they share its membership, position and messages. A
// Room may be used by any number of goroutines.
//
// Every call of an invalid room id fails with CodeBadField, and every call but
// Join, Leave and Position on a room that is not joined fails with CodeNotInRoom.
// While a room is being joined, calls wait for the join.
type Room struct {
	client *Client
	id     string
}

// Room returns a handle for a room, for calls and callbacks. It sends nothing.
func (c *Client) Room(roomID string) *Room { return &Room{client: c, id: roomID} }

// ID returns the room's id.
func (r *Room) ID() string { return r.id }

// Join joins the room, and joins it again on every later connection until Leave.
// From then on the client delivers the room's messages: those after the position
// of [WithSince] or, without it, those that follow Joined.Position.
//
// Joining a room that is joined changes nothing and returns the same Joined again.
// When ctx ends first, or with CodeTimeout after Options.CallTimeout, the client
// continues to join the room, and OnJoined reports it. After any other error the
// room is not joined.
func (r *Room) Join(ctx context.Context, opts ...JoinOption) (Joined, error) {
	var o joinOptions
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return r.client.joinRoom(ctx, r.id, o.since)
}

// JoinOption changes how a room is joined.
type JoinOption func(*joinOptions)

type joinOptions struct{ since *Position }

// WithSince continues after a position that was stored earlier. Position{} is the
// start of the room's log. If the server cannot replay all messages from there,
// Joined.Recovered is false.
func WithSince(p Position) JoinOption {
	return func(o *joinOptions) { o.since = &p }
}

// Leave leaves the room, after the pending messages to it. No event of the room is
// delivered after the call. Leaving a room that is not joined does nothing.
//
// When ctx ends first, or with CodeTimeout after Options.CallTimeout, the client
// continues to leave the room.
func (r *Room) Leave(ctx context.Context) error { return r.client.leaveRoom(ctx, r.id) }

// Send sends a message of 1 byte to 16 KiB, and returns when it is in the room's
// log. Messages to a room are sent in the order of the calls, one at a time: a call
// takes its place in that order before it waits. When ctx ends, the message
// continues to be sent, and its outcome is not reported.
//
// The client sends the message until it is acknowledged, on as many connections as
// that takes, for up to 4 min 30 s from the first time. Send then fails with
// CodeOutcomeUnknown, or with the last refusal if the server did nothing for any
// copy. It fails with CodeTimeout if the message could not be sent at all within
// Options.QueueTimeout, and with CodeQueueFull if Options.MaxQueued messages are
// pending.
func (r *Room) Send(ctx context.Context, text string, opts ...SendOption) (Receipt, error) {
	return r.client.sendMessage(ctx, r.id, text, opts)
}

// History returns messages of the room in order: the newest, or with [WithBefore]
// those before a seq. There are at most 50, or as many as [WithLimit] says, and
// fewer if they are large. It takes at most Options.CallTimeout.
func (r *Room) History(ctx context.Context, opts ...HistoryOption) (Page, error) {
	var o historyOptions
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	in, err := r.client.callInRoom(ctx, outgoing{Action: protocol.ActionHistory, RoomID: r.id, Before: o.before, Limit: o.limit})
	if err != nil {
		return Page{}, err
	}
	return Page{RoomID: in.RoomID, Messages: in.messages(), Before: in.Seq, Epoch: in.Epoch, More: in.More}, nil
}

// HistoryOption selects the messages that History returns.
type HistoryOption func(*historyOptions)

type historyOptions struct {
	before int64
	limit  int
}

// WithBefore selects the messages before a seq, such as Page.Before. 0 selects the
// newest.
func WithBefore(seq int64) HistoryOption { return func(o *historyOptions) { o.before = seq } }

// WithLimit sets the maximum number of messages, 1 to 100. 0 is the default, 50.
func WithLimit(n int) HistoryOption { return func(o *historyOptions) { o.limit = n } }

// Presence returns who is in the room. It takes at most Options.CallTimeout.
func (r *Room) Presence(ctx context.Context) (Presence, error) {
	in, err := r.client.callInRoom(ctx, outgoing{Action: protocol.ActionPresence, RoomID: r.id})
	if err != nil {
		return Presence{}, err
	}
	return Presence{RoomID: in.RoomID, Count: in.Count, Users: in.Users}, nil
}

// MoveCursor shows the user's cursor to the others in the room. color is a CSS
// colour of up to 32 characters, or "" for none. MoveCursor does not wait, and may
// be called as often as the cursor moves: the client sends only the newest position
// every Options.CursorInterval. A position that is due without a connection is
// dropped, and while more than 64 KiB wait for the network it is held back.
//
// The error reports an invalid argument, a room that is not joined, or CodeClosed.
func (r *Room) MoveCursor(to CursorPosition, color string) error {
	return r.client.moveCursor(r.id, to, color)
}

// Position returns how far OnMessage was called with the room's messages: up to the
// one that it handles now, or handled last. Store it together with what the message
// did, and pass it to [WithSince] when the program runs again. The result is false
// before the room is joined.
func (r *Room) Position() (Position, bool) { return r.client.position(r.id) }

// OnMessage calls f with each message of the room, once and in order of Seq, until
// remove is called. Register it before Join to receive every message. It runs as
// the callbacks of [Options] do, after Options.OnMessage. It stays registered when
// the room is left and joined again.
func (r *Room) OnMessage(f func(Message)) (remove func()) {
	return listen(r.client, r.id, messagesOf, f)
}

// OnJoined calls f as Options.OnJoined, for this room only, until remove is called.
func (r *Room) OnJoined(f func(Joined)) (remove func()) {
	return listen(r.client, r.id, joinsOf, f)
}

// OnLeft calls f as Options.OnLeft, for this room only, until remove is called.
func (r *Room) OnLeft(f func(Left)) (remove func()) {
	return listen(r.client, r.id, leavesOf, f)
}

// OnCursor calls f as Options.OnCursor, for this room only, until remove is called.
func (r *Room) OnCursor(f func(Cursor)) (remove func()) {
	return listen(r.client, r.id, cursorsOf, f)
}
