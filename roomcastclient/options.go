package roomcastclient

import (
	"context"
	"net/http"
	"time"
)

// Options configure a client. Only URL or URLFunc is required. A zero value means
// the default.
//
// Callbacks run one after the other on one goroutine of the client, in the order
// in which things happened. A callback that blocks delays all that follow, so it
// must not make calls that wait, such as Join or Send. It may call Room.Position,
// Room.MoveCursor and Close.
type Options struct {
	// URL is the WebSocket URL of the stack including the stage, wss://HOST/STAGE.
	// Its query is kept.
	URL string
	// URLFunc returns the URL for each attempt to connect, in place of URL. It
	// must return when ctx ends.
	URLFunc func(ctx context.Context) (string, error)
	// UserID says who connects to a stack with open authentication, 1 to 128
	// characters. It must be empty if Token is set: the token says who connects.
	UserID string
	// Token returns the token that says who connects. The client calls it for each
	// attempt to connect, and again before the token of an open connection
	// expires. Each call must return a token of the same user that is valid for
	// some time. It may be called from two goroutines at once, and must return
	// when ctx ends. Default: no token.
	Token func(ctx context.Context) (string, error)
	// TokenInQuery sends the token of a handshake in the URL, as ?token=, for
	// networks that drop subprotocols. Default: the token is sent as a subprotocol,
	// which keeps it out of access logs.
	TokenInQuery bool
	// HTTPClient makes the handshakes. Redirects are not followed, because a
	// handshake holds a token. TCP connections get keep-alive probes that detect a
	// dead peer within 30 s. Default: http.DefaultClient.
	HTTPClient *http.Client

	// ConnectTimeout is how long an attempt to connect may take, including the
	// calls of URLFunc and Token. 1 ms to 10 min. Default: 10 s.
	ConnectTimeout time.Duration
	// RetryBase bounds the wait before the first retry of a connection or a
	// request. The bound doubles with each further retry. 1 ms to 1 h.
	// Default: 500 ms.
	RetryBase time.Duration
	// RetryMax is the largest bound of the wait before a retry. 1 ms to 1 h.
	// Default: 20 s.
	RetryMax time.Duration
	// RequestTimeout is how long a frame waits for its reply before it is sent
	// again. A ping without a reply ends its connection. 1 ms to 1 min.
	// Default: 10 s.
	RequestTimeout time.Duration
	// CallTimeout is how long a call other than Send may take, including the wait
	// for a connection. After that the call fails with CodeTimeout. A Request whose
	// context has a deadline waits until that deadline instead. A notification
	// that was already sent may take as long as a message: 4 min 30 s. 1 ms to 1 h.
	// Default: 30 s.
	CallTimeout time.Duration
	// QueueTimeout is how long a message may wait to be sent for the first time:
	// for a connection, for its room and for the messages before it. After that
	// Send fails with CodeTimeout. 1 ms to 24 h. Default: 2 h.
	QueueTimeout time.Duration
	// MaxQueued is how many messages may be pending, in all rooms together, and
	// how many other calls. Default: 100.
	MaxQueued int
	// PingInterval is how often an open connection is pinged. A user whose pings
	// are half as long again overdue counts as absent. It is also the longest time
	// until the client notices that the last message of a quiet room was lost. 1 s
	// to 10 min. Default: 5 min.
	PingInterval time.Duration
	// ProbeTimeout is how long a doubtful connection may stay silent before it is
	// replaced: after a request without a reply, a write that makes no progress, a
	// machine that slept, or a call of CheckConnection. 1 ms to 1 min.
	// Default: 3 s.
	ProbeTimeout time.Duration
	// GapTimeout is how long a message may be missing, while later ones of its
	// room are there, before the client requests it. 1 ms to 1 min.
	// Default: 300 ms.
	GapTimeout time.Duration
	// RolloverAfter is the age at which a connection is replaced, before API
	// Gateway closes it at 2 h. The actual age is random, from 0.9 to 1.0 of it.
	// If the server accepts no second connection, or has no second place in a
	// room, the connection is used until it ends. 1 ms to 2 h.
	// Default: 1 h 50 min.
	RolloverAfter time.Duration
	// CursorInterval is the least time between two cursor positions sent to a
	// room, for every 100 members that the room has or begins. 1 ms to 1 min.
	// Default: 50 ms.
	CursorInterval time.Duration

	// OnMessage receives the messages of all joined rooms: each once, in order of
	// Seq within its room. Room.OnMessage receives those of one room.
	OnMessage func(Message)
	// OnJoined reports that a room was joined: for the first time, again after a
	// lost connection, and whenever messages may have been missed. It precedes the
	// messages that follow its position.
	OnJoined func(Joined)
	// OnLeft reports that the client is out of a room without Leave: a newer token
	// does not permit the room, or it could not be joined again. The client does
	// not join it again until Join is called. Pending messages to it fail.
	OnLeft func(Left)
	// OnCursor receives the cursor positions of other users in joined rooms. A slow
	// callback misses positions, but never the newest of a user in a room. A
	// position that is older than one delivered before, by the server's time, is
	// left out.
	OnCursor func(Cursor)
	// OnNotification receives the user's notifications, each once for this client:
	// first those that waited in the inbox, then those that arrive. They stay in
	// the inbox until Acknowledge. Without OnNotification the client does not read
	// the inbox.
	OnNotification func(Notification)
	// OnDropped reports how many notifications the server dropped, because the
	// inbox was full, since the last report. The client acknowledges the report
	// when OnDropped returns. If the connection is lost before that, the report is
	// repeated. It requires OnNotification.
	OnDropped func(n int)
	// OnFrame receives frames of the application's own: those of types that the
	// client does not know, and replies to a Request that has already returned.
	OnFrame func(Frame)
	// OnState reports each new state.
	OnState func(State)
	// OnRollover reports that the connection was replaced as planned.
	OnRollover func()
	// OnError receives errors that no call returns: a [*ConnectError] for each
	// failed attempt to connect, and an [*Error] with CodeConnectionLost or
	// CodeRefreshFailed, or about a room that cannot be joined again, or not yet
	// because it is full. Without OnError, a client that cannot connect logs a
	// warning with log/slog after the third attempt, and every 50 attempts after
	// that.
	OnError func(error)

	// now is the wall clock, which runs while the machine sleeps. Tests set it.
	now func() time.Time
}
