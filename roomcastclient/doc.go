// Package roomcastclient is the Go client of a Roomcast stack: chat rooms,
// notifications and cursors over one connection that repairs itself.
//
//	client, err := roomcastclient.New(roomcastclient.Options{URL: url, Token: token})
//	...
//	defer client.Close()
//	room := client.Room("lobby")
//	room.OnMessage(func(m roomcastclient.Message) { fmt.Println(m.UserID, m.Text) })
//	joined, err := room.Join(ctx)
//	receipt, err := room.Send(ctx, "hello")
//
// # Delivery
//
// Each message of a joined room is passed to OnMessage once and in order of Seq,
// and each text passed to Send is in the room's log once, no matter how often the
// connection is lost in between. What has no reply when a connection breaks is sent
// again on the next one, under the same key, by which the server recognizes a copy.
//
// A program that restarts passes the [Position] it stored to [WithSince], and
// receives what it missed. If the server can no longer replay all of it,
// Joined.Recovered is false, and the program has to fetch again what it shows.
//
// # Connections
//
// The client connects when it is made, and again after every loss. The wait between
// two attempts grows to Options.RetryMax. Each failed attempt is a [ConnectError]
// for Options.OnError, with the HTTP status and what the response says. From the
// third in a row on it hints at what is wrong with the configuration, such as a
// stage that is missing in the URL. A program without OnError finds this in its log
// (log/slog).
//
// TCP may take minutes to notice that a network is dead. When the client has reason
// to doubt its connection, it pings, and connects again if nothing arrives within
// Options.ProbeTimeout. Reasons are a request without a reply, a write that makes no
// progress, and a machine that wakes from sleep. A program that knows more, such as
// that the network has changed, calls [Client.CheckConnection].
//
// API Gateway closes every connection after two hours. Before that, the client opens
// another one, joins all rooms on it and then closes the first.
//
// # Tokens
//
// Options.Token returns the tokens of a user. The client calls it for each
// connection, and again before a token expires: the token is replaced while the
// connection stays open. What the server refuses because a token has expired is sent
// again with the next one. Calls that the token does not permit fail with
// CodeForbidden, and a room that a newer token does not permit is reported to
// OnLeft. No error or log entry holds a token.
//
// # Errors and limits
//
// [CodeOf] returns the code of an error, such as CodeForbidden. Calls check their
// arguments before anything is sent, and fail with the code with which the server
// would answer: for texts, ids and frames that are too large, for text that is not
// UTF-8, and for values that JSON cannot hold. Every call ends with its context, and
// at the latest after Options.CallTimeout or, for Send, Options.QueueTimeout and the
// 4 min 30 s for which a message is sent.
//
// # Routes of the application
//
// [Client.Request] calls a route that AddRoute added to the stack's API. Frames that
// the application's functions post by themselves are passed to Options.OnFrame.
package roomcastclient
