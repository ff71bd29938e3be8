package roomcastclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// Options are what a client is made of. Only URL is required. A duration or
// MaxQueued that is 0 has its default.
//
// The callbacks are called one after the other, from one goroutine of the
// client. They must not block for long, and must not call a method that waits:
// Position and Close are fine.
type Options struct {
	// URL returns the WebSocket URL of the stage, where authentication is open
	// with who is connecting in the query (?userId=). It is called for every
	// attempt to connect. It has to return when ctx ends. Required.
	URL func(ctx context.Context) (string, error)
	// Token returns the token that says who is connecting. It is called for
	// every attempt to connect, and again before the token of a connection
	// ends, which is then replaced without a gap; each time it has to give one
	// that holds for a while, of the same user. It may be called from two
	// goroutines at once, and has to return when ctx ends. Default: none.
	Token func(ctx context.Context) (string, error)
	// TokenInQuery puts the token of a handshake into the URL, as ?token=, for
	// where something on the way drops subprotocols. Default: it is offered as
	// a subprotocol, and so in no proxy's log.
	TokenInQuery bool
	// HTTPClient makes the handshakes. Redirects are not followed: a handshake
	// holds a token. TCP connections get keep-alive probes that find a dead one
	// within half a minute. Default: http.DefaultClient.
	HTTPClient *http.Client
	// Heartbeat is how often the client pings the server at least, 1 s to
	// 10 min. Half as long again after the last one the user counts as absent;
	// it is also how late the loss of the last message of a quiet room may be
	// seen. Default: 5 min.
	Heartbeat time.Duration
	// RolloverAfter is the age at which a connection is replaced by a new one,
	// before API Gateway ends it at 2 h. The actual age is random, from 0.9
	// times as long. Where there is no second connection or no second place in a
	// room to be had, it is used to its end. 1 ms to 2 h. Default: 1 h 50 min.
	RolloverAfter time.Duration
	// RetryBase bounds the wait before the first retry, of a connection or of a
	// request; the bound doubles with every further one. 1 ms to 1 h.
	// Default: 500 ms.
	RetryBase time.Duration
	// RetryMax bounds the wait before any retry. 1 ms to 1 h. Default: 20 s.
	RetryMax time.Duration
	// ReplyTimeout is how long a request waits for its answer before it is sent
	// again, and how long a handshake may take. A ping that waits so long in
	// vain ends its connection. 1 ms to 1 min. Default: 10 s.
	ReplyTimeout time.Duration
	// ProbeTimeout is how long a connection may stay silent once there is reason
	// to doubt it: a request without an answer, a write that does not get on, a
	// machine that has slept, or a call of CheckConnection. Then another one is
	// made at once. 1 ms to 1 min. Default: 3 s.
	ProbeTimeout time.Duration
	// CallTimeout bounds every call but Send and Rollover, the wait for a
	// connection included: it fails with CodeTimeout. A Notify that was sent goes
	// on for as long as a message does. 1 ms to 1 h. Default: 1 min.
	CallTimeout time.Duration
	// QueueTimeout is how long a message may wait to be sent, for its connection,
	// its room and the messages before it. After that it is not sent any more, and
	// Send fails with CodeTimeout. So does a Rollover that takes as long. 1 ms to
	// 24 h. Default: 2 h.
	QueueTimeout time.Duration
	// HoleWait is how long a message may be missing, when later ones of its
	// room are there, before it is asked for. 1 ms to 1 min. Default: 300 ms.
	HoleWait time.Duration
	// MaxQueued is how many messages may wait to be acknowledged, in all rooms
	// together, 1 or more. Default: 100.
	MaxQueued int

	// CursorInterval is how often MoveCursor sends a position in a room of up to
	// 100 members; in a larger one it is this long for every 100 members that
	// the room has or begins. 1 ms to 1 min. Default: 50 ms.
	CursorInterval time.Duration

	// OnMessage is given each room's messages, once and in order of seq.
	OnMessage func(Message)
	// OnNotification is given the user's notifications, once each for this
	// client: those that come, and on every new connection those that waited in
	// the inbox. They wait there until they are acknowledged. Without it the
	// inbox is left alone.
	OnNotification func(Notification)
	// OnInboxDropped is told how many notifications were dropped unseen since
	// it was told last, because the inbox was full. It needs OnNotification.
	// They count as told when it returns; when the connection is lost before,
	// it is told again.
	OnInboxDropped func(n int)
	// OnCursor is told where the cursors of others are. While it is slow it
	// misses positions, but never the newest one of a user in a room. A position
	// that is older, by the server's time, than one it was given before is left
	// out.
	OnCursor func(Cursor)
	// OnFrame is given the frames of types that the client does not know, as a
	// function of the application's own may post them, and answers to a Request
	// that nobody waits for any more.
	OnFrame func(Frame)
	// OnJoined is told when a room is joined: for the first time, again on the
	// connection after a lost one, and whenever messages may have been missed.
	// It comes before the messages that follow its position.
	OnJoined func(Joined)
	// OnLeft is told that the client is out of a room that it was in, without
	// Leave, and why: a newer token does not permit the room, as forbidden, or
	// it could not be joined again. The client does not join it again until Join
	// is called. What waits to be sent there fails.
	OnLeft func(roomID string, why error)
	// OnState is told every new state.
	OnState func(State)
	// OnError is told of errors that no call returns: a lost connection, an
	// attempt to connect that failed, as a [*ConnectError], a token that could
	// not be replaced, a ping that was refused, a room that cannot be joined
	// again, or not yet because it is full. Without it a client that cannot
	// connect says so by log/slog, from the third attempt on now and then.
	OnError func(error)
	// OnRollover is told when a connection was replaced as planned.
	OnRollover func()

	// now is the wall clock, which goes on while the machine sleeps. Tests set
	// it.
	now func() time.Time
}

// withDefaults returns a copy with the defaults filled in, or says which option
// is wrong.
func (o Options) withDefaults() (Options, error) {
	if o.URL == nil {
		return o, errors.New("roomcast: Options.URL is missing")
	}
	if o.now == nil {
		o.now = func() time.Time { return time.Now().Round(0) } // without the monotonic clock
	}
	if o.HTTPClient == nil {
		o.HTTPClient = http.DefaultClient
	}
	for _, d := range []struct {
		name        string
		value       *time.Duration
		standard    time.Duration
		least, most time.Duration
	}{
		{"Heartbeat", &o.Heartbeat, 5 * time.Minute, time.Second, 10 * time.Minute},
		{"RolloverAfter", &o.RolloverAfter, 110 * time.Minute, time.Millisecond, 2 * time.Hour},
		{"RetryBase", &o.RetryBase, 500 * time.Millisecond, time.Millisecond, time.Hour},
		{"RetryMax", &o.RetryMax, 20 * time.Second, time.Millisecond, time.Hour},
		{"ReplyTimeout", &o.ReplyTimeout, 10 * time.Second, time.Millisecond, time.Minute},
		{"ProbeTimeout", &o.ProbeTimeout, 3 * time.Second, time.Millisecond, time.Minute},
		{"CallTimeout", &o.CallTimeout, time.Minute, time.Millisecond, time.Hour},
		{"QueueTimeout", &o.QueueTimeout, 2 * time.Hour, time.Millisecond, 24 * time.Hour},
		{"CursorInterval", &o.CursorInterval, 50 * time.Millisecond, time.Millisecond, time.Minute},
		{"HoleWait", &o.HoleWait, 300 * time.Millisecond, time.Millisecond, time.Minute},
	} {
		if *d.value == 0 {
			*d.value = d.standard
		}
		if *d.value < d.least || *d.value > d.most {
			return o, fmt.Errorf("roomcast: Options.%s must be %v to %v, got %v", d.name, d.least, d.most, *d.value)
		}
	}
	if o.MaxQueued == 0 {
		o.MaxQueued = 100
	}
	if o.MaxQueued < 0 {
		return o, fmt.Errorf("roomcast: Options.MaxQueued must not be negative, got %d", o.MaxQueued)
	}
	return o, nil
}
