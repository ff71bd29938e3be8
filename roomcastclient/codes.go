package roomcastclient

// Code says why a call failed. The server and the client use the same kind of
// code; docs/reference/protocol.md lists those of the server. A newer server may
// send a code that has no constant here.
type Code string

// Codes of the server.
const (
	// CodeBadFrame means that the frame is not well-formed JSON, or is nested too
	// deeply.
	CodeBadFrame Code = "bad_frame"
	// CodeUnknownAction means that the API has no route for the action.
	CodeUnknownAction Code = "unknown_action"
	// CodeBadField means that an argument is missing, has the wrong type or
	// breaks a limit. The error's message begins with its name.
	CodeBadField Code = "bad_field"
	// CodeMessageTooLarge means that a message, a notification or a whole frame
	// is larger than the server takes.
	CodeMessageTooLarge Code = "message_too_large"
	// CodeRoomRequired means that a frame names no room, and that the connection
	// is not in exactly one.
	CodeRoomRequired Code = "room_required"
	// CodeNotInRoom means that the room is not joined.
	CodeNotInRoom Code = "not_in_room"
	// CodeNotConnected means that the server no longer knows the connection. The
	// client makes another one by itself.
	CodeNotConnected Code = "not_connected"
	// CodeUnknownPosition means that a position does not belong to the room's
	// log. The client joins without it, and Joined.Recovered is false.
	CodeUnknownPosition Code = "unknown_position"
	// CodeUnknownNotification means that a notification is not in the user's
	// inbox. Acknowledge ignores it.
	CodeUnknownNotification Code = "unknown_notification"
	// CodeForbidden means that the client's token does not permit the call.
	CodeForbidden Code = "forbidden"
	// CodeTokenExpired means that the connection's token has expired. The client
	// refreshes it and sends the frame again.
	CodeTokenExpired Code = "token_expired"
	// CodeBadToken means that the server rejected a new token.
	CodeBadToken Code = "bad_token"
	// CodeRateLimited means that the user or the connection sends faster than
	// allowed, and that the server did nothing. The client retries after
	// Error.RetryAfter.
	CodeRateLimited Code = "rate_limited"
	// CodeLimitReached means that a quota is used up, such as the rooms of a
	// connection or the members of a room.
	CodeLimitReached Code = "limit_reached"
	// CodeUnavailable means that the server could not complete the request now.
	// The client retries it.
	CodeUnavailable Code = "unavailable"
)

// Codes of the client.
const (
	// CodeClosed means that Close was called. A request that was under way may
	// or may not have been carried out.
	CodeClosed Code = "closed"
	// CodeQueueFull means that Options.MaxQueued messages wait for their
	// acknowledgement. The message was not accepted; send it later.
	CodeQueueFull Code = "queue_full"
	// CodeOutcomeUnknown means that a request was sent but its outcome is
	// unknown: no answer came while the server could still recognize a copy, or
	// a copy was refused because the permission or the room is gone. The request
	// may or may not have been carried out.
	CodeOutcomeUnknown Code = "outcome_unknown"
	// CodeTimeout means that a call took longer than Options.CallTimeout, or that
	// a message could not be sent within Options.QueueTimeout. The error's
	// message says whether the request was sent, and Unwrap returns why not,
	// where that is known. A request that was sent may have been carried out.
	CodeTimeout Code = "timeout"
	// CodeLeft means that the room was left before the call had its answer.
	CodeLeft Code = "left"
	// CodeNoConnection means that Rollover had no connection to replace, or that
	// the connection was lost before it was replaced.
	CodeNoConnection Code = "no_connection"
	// CodeConnectFailed is the code of a [ConnectError].
	CodeConnectFailed Code = "connect_failed"
	// CodeConnectionLost means that the connection was lost. The client connects
	// again.
	CodeConnectionLost Code = "connection_lost"
	// CodeRefreshFailed means that there is no new token for an open connection.
	// The client asks for one again.
	CodeRefreshFailed Code = "refresh_failed"
)
