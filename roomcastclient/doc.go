// Package roomcastclient is the client of a Roomcast stack for Go programs.
//
// It keeps the delivery promise on the client's side. Every message of a room
// that was joined comes to OnMessage exactly once and in order of its seq, and
// every text that was given to Send is in the room's log once, whatever happens
// to connections in between:
//
//	client, err := roomcast.New(roomcast.Options{
//		URL:       func(context.Context) (string, error) { return url, nil },
//		OnMessage: func(m roomcast.Message) { fmt.Println(m.UserID, m.Text) },
//	})
//	...
//	joined, err := client.Join(ctx, "lobby", nil)
//	ack, err := client.Send(ctx, "lobby", "hello")
//
// Where the stack asks for authentication, [Options.Token] gives the tokens:
//
//	client, err := roomcast.New(roomcast.Options{
//		URL:   func(context.Context) (string, error) { return url, nil },
//		Token: func(ctx context.Context) (string, error) { return signIn.Token(ctx) },
//	})
//
// It is asked for each connection, and again before the token of a connection
// ends: that is replaced while the connection goes on. What the server refused
// because a token had ended goes out again after that, and what a user sends
// faster than it may when the server said. What a token does not permit fails
// as forbidden, and a room that a newer one does not permit is told by
// [Options.OnLeft].
//
// # When it cannot connect
//
// The client tries again, with a new token, after a wait that grows to RetryMax,
// until Close. Each attempt that fails is a [ConnectError] for [Options.OnError],
// with the HTTP status and what the answer says; from the third in a row on it
// hints at what is wrong with the set-up: a stage that is missing in the URL, a
// token of another audience, a host that does not exist. A program without OnError
// finds that in its log (log/slog). No error holds a token or a URL's query, and
// redirects are not followed, because a handshake holds a token.
//
// # When the network dies
//
// TCP may take minutes to notice. So the client asks for a sign of life when there
// is a reason to doubt its connection: a request without an answer, a write that
// does not get on, a wall clock that has jumped, as after a suspend. Without one
// within ProbeTimeout it connects again at once. A program that learns more, such
// as a change of networks, calls [Client.CheckConnection].
//
// # Limits
//
// What the server would refuse for its size or shape is refused by the call, with
// the server's own code: texts, names, frames of more than 32 KiB, text that is
// not UTF-8, values that have no JSON. No call waits for ever: [Options.CallTimeout]
// and [Options.QueueTimeout] bound them, and each ends with its context.
//
// # Routes of the application's own
//
// [Client.Request] asks a route that was added by AddRoute, and [Options.OnFrame] is
// given frames of types that the client does not know.
//
// # What is kept
//
// A program that keeps the [Position] of a room gives it to Join when it runs
// again, and gets what it missed. Where the server cannot replay all of that
// any more, [Joined] says so, and the program has to fetch again what it shows.
//
// What a connection that broke left unanswered is sent again on the next one,
// with the same clientId, by which the server knows a copy. A connection is
// replaced before API Gateway ends it after two hours: the next one is in all
// rooms before the old one is given up.
package roomcastclient
