package protocol

// Code names one kind of failure in an error frame. Codes are part of the
// protocol: they may be added, never renamed.
type Code string

// The codes of error frames. [Codes] says what each of them means.
const (
	// CodeBadFrame answers a frame that is no JSON, no object, nested too
	// deeply, no well-formed Unicode, or without a string action. Client: stop,
	// its program is wrong.
	CodeBadFrame Code = "bad_frame"
	// CodeUnknownAction answers an action that does not exist. Client: stop,
	// its program is wrong or newer than the server.
	CodeUnknownAction Code = "unknown_action"
	// CodeBadField answers a field that is missing, has the wrong type or
	// breaks a limit; the message begins with its name. Client: stop, its
	// program is wrong.
	CodeBadField Code = "bad_field"
	// CodeMessageTooLarge answers a message or notification over 16 KiB, or
	// over the fewer bytes that the stack takes. Client: show it to the user,
	// who can send less.
	CodeMessageTooLarge Code = "message_too_large"
	// CodeRoomRequired answers a frame without a roomId on a connection that
	// is not in exactly one room. Client: stop, its program has to name one.
	CodeRoomRequired Code = "room_required"
	// CodeNotInRoom answers a frame for a room that the connection is not in.
	// Client: join the room, then send the frame again.
	CodeNotInRoom Code = "not_in_room"
	// CodeNotConnected answers on a connection of which nothing is stored any
	// more, though its socket is open. Client: connect again.
	CodeNotConnected Code = "not_connected"
	// CodeUnknownPosition answers a since that lies beyond the room's newest
	// message, or an epoch that is not the room's: its log has started anew.
	// Client: join without since, and fetch again what it shows.
	CodeUnknownPosition Code = "unknown_position"
	// CodeUnknownNotification answers the acknowledgement of a notification
	// that is not in the user's inbox. Client: go on; it was acknowledged
	// before, or never was this user's.
	CodeUnknownNotification Code = "unknown_notification"
	// CodeForbidden answers what the client's token does not permit. Client:
	// show it to the user, who may lack a permission; or join nothing of it.
	CodeForbidden Code = "forbidden"
	// CodeTokenExpired answers on a connection whose token has ended. Client:
	// send a refresh with a new token, then the frame again.
	CodeTokenExpired Code = "token_expired"
	// CodeBadToken answers a refresh whose token is malformed, forged, expired
	// or of another user. Client: stop, and ask for another token.
	CodeBadToken Code = "bad_token"
	// CodeRateLimited answers a user, or a connection, that sends faster than
	// it may. Nothing of the frame was done. Client: retry after the frame's
	// retryAfterMs, with the same clientId.
	CodeRateLimited Code = "rate_limited"
	// CodeLimitReached answers what would make more of something than there may
	// be: rooms of a connection, members of a room, members of a room in which
	// cursors move. Client: show it to the
	// user, who can leave a room, or come back later.
	CodeLimitReached Code = "limit_reached"
	// CodeUnavailable answers when the server could not do all of it now.
	// Client: retry after the frame's retryAfterMs, with the same clientId.
	CodeUnavailable Code = "unavailable"
)

// Reaction is what a client does about a code, in one word.
type Reaction string

// The reactions to an error.
const (
	// ReactStop means that sending the same frame again is of no use: a program
	// has to be changed.
	ReactStop Reaction = "stop"
	// ReactShow means that the user can put it right, and so has to be told.
	ReactShow Reaction = "show"
	// ReactJoin means to join the room and to send the frame again.
	ReactJoin Reaction = "join"
	// ReactRefetch means to join the room without a position, and to fetch
	// again what is shown of it.
	ReactRefetch Reaction = "refetch"
	// ReactIgnore means that nothing is left to do.
	ReactIgnore Reaction = "ignore"
	// ReactReconnect means to close the connection and to make another, on
	// which the frame can be sent again.
	ReactReconnect Reaction = "reconnect"
	// ReactRefresh means to refresh the connection's token and to send the
	// frame again.
	ReactRefresh Reaction = "refresh"
	// ReactRetry means to send the same frame again, later.
	ReactRetry Reaction = "retry"
)

// CodeInfo explains one code.
type CodeInfo struct {
	Code Code
	// Happened says what went wrong, as docs/reference/protocol.md does.
	Happened string
	// Reaction is what a client does about it.
	Reaction Reaction
	// Advice is the reaction in words, as in docs/reference/protocol.md.
	Advice string
}

// Codes lists every code, in the order of docs/reference/protocol.md.
var Codes = []CodeInfo{
	{CodeBadFrame, "not JSON, no object, nested too deeply, no well-formed Unicode, or without a string `action`",
		ReactStop, "fix the program"},
	{CodeUnknownAction, "no such action; `message` lists those that there are, the routes of your own too",
		ReactStop, "fix the program"},
	{CodeBadField, "a field is missing, has the wrong type or breaks a limit; `message` names it",
		ReactStop, "fix the program"},
	{CodeMessageTooLarge, "`message` or `notification` over 16 KiB, or over the stack's `MaxMessageBytes`",
		ReactShow, "the user can send less"},
	{CodeRoomRequired, "no `roomId`, and the connection is not in exactly one room",
		ReactStop, "name the room"},
	{CodeNotInRoom, "the connection is not in that room",
		ReactJoin, "join it, then send again"},
	{CodeNotConnected, "the server does not know this connection any more, though its socket is open",
		ReactReconnect, "connect again, then send again"},
	{CodeUnknownPosition, "`since` is beyond the room's newest message, or `epoch` is not the room's",
		ReactRefetch, "join without them, and fetch again what you show"},
	{CodeUnknownNotification, "a notification is not in the user's inbox",
		ReactIgnore, "it was acknowledged before, or never was this user's; the others of the frame are acknowledged"},
	{CodeForbidden, "the token does not permit it",
		ReactShow, "the user lacks the permission"},
	{CodeTokenExpired, "the connection's token has ended",
		ReactRefresh, "`refresh` with a new token, then send again"},
	{CodeBadToken, "the token of a `refresh` is malformed, forged, expired or of another user",
		ReactStop, "ask for another token"},
	{CodeRateLimited, "more frames than the user, or the connection, may send; nothing of this one was done",
		ReactRetry, "send again after `retryAfterMs`, with the same `clientId`"},
	{CodeLimitReached, "the connection is in as many rooms, or the room has as many members, as there may be; of a `cursorMove`: as cursors may move among",
		ReactShow, "leave a room, or come back later"},
	{CodeUnavailable, "the server could not do all of it now",
		ReactRetry, "send again after `retryAfterMs`, with the same `clientId`; without one it may come twice"},
}
