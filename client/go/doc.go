// Package roomcast is the client of a Roomcast stack for Go programs.
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
// [Options.OnLeft]. A handshake that is refused is an error for [Options.OnError]
// and is tried again with a new token, after a wait that grows.
//
// A program that keeps the [Position] of a room gives it to Join when it runs
// again, and gets what it missed. Where the server cannot replay all of that
// any more, [Joined] says so, and the program has to fetch again what it shows.
//
// What a connection that broke left unanswered is sent again on the next one,
// with the same clientId, by which the server knows a copy. A connection is
// replaced before API Gateway ends it after two hours: the next one is in all
// rooms before the old one is given up.
package roomcast
