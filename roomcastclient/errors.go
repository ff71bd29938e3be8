package roomcastclient

import (
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Error is why a call failed: what the server answered, or one of the
// sentinels below.
type Error struct {
	// Code is one of docs/reference/protocol.md, or the client's own.
	Code string
	// Message is for the developer.
	Message string
	// RetryAfter is how long to wait before trying again, where the server
	// said so. The client has done that by itself.
	RetryAfter time.Duration

	cause error
}

// Errors of the client itself, to compare with by errors.Is.
var (
	// ErrClosed means that Close was called. Whether a request that was under
	// way has been carried out is not known.
	ErrClosed = &Error{Code: "closed", Message: "the client is closed"}
	// ErrQueueFull means that MaxQueued messages wait to be sent. This one was
	// not taken.
	ErrQueueFull = &Error{Code: "queue_full", Message: "too many messages wait to be sent"}
	// ErrOutcomeUnknown means that a message or a notification was sent, and
	// that no answer came for so long that the server would not know a copy any
	// more, or that a copy was refused because the right to it or the room is
	// gone. It may have been carried out, or not.
	ErrOutcomeUnknown = &Error{Code: "outcome_unknown", Message: "no answer came in time; it may have been carried out"}
	// ErrTimeout means that a call took longer than CallTimeout, or that a message
	// could not be sent for all of QueueTimeout. The message of the error a call
	// returns says whether the request was sent; Unwrap returns why not, where
	// that is known. A request that was sent may have been carried out.
	ErrTimeout = &Error{Code: "timeout", Message: "no answer in time"}
	// ErrLeft means that the room was left before the call had an answer.
	ErrLeft = &Error{Code: "left", Message: "the room was left"}
	// ErrNoConnection means that there is no connection to replace, or that it
	// was lost before it was replaced.
	ErrNoConnection = &Error{Code: "no_connection", Message: "there is no connection to replace"}
)

// errConnectionLost ends the requests that only made sense on a connection
// that is gone. No caller gets to see it.
var errConnectionLost = &Error{Code: "connection_lost", Message: "the connection was lost"}

// Error returns the message with the code before it.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Unwrap returns the error behind this one, nil for most: why a value has no
// JSON, or why there was no connection.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether the other error has the same code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// invalid makes an Error of what internal/protocol says about an argument.
func invalid(err error) error {
	var e *protocol.Error
	if errors.As(err, &e) {
		return &Error{Code: string(e.Code), Message: e.Message}
	}
	return err
}

// badField makes the Error of a field that the server would refuse, or could
// not even be given.
func badField(field, message string, cause error) error {
	return &Error{Code: string(protocol.CodeBadField), Message: field + ": " + message, cause: cause}
}
