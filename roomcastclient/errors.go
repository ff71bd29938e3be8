package roomcastclient

import (
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Error is why a call failed: a refusal of the server, or a failure of the client
// itself. Compare its code, and use [errors.AsType] where the rest matters:
//
//	switch roomcastclient.CodeOf(err) {
//	case roomcastclient.CodeForbidden: // show it to the user
//	case roomcastclient.CodeOutcomeUnknown: // look for the message in History
//	}
//
//	if e, ok := errors.AsType[*roomcastclient.Error](err); ok {
//		log.Print(e.Code, e.Message)
//	}
//
// Calls return the error of their context as it is, so [errors.Is] works with
// [context.Canceled] and [context.DeadlineExceeded].
type Error struct {
	// Code is what to decide by.
	Code Code
	// Message explains the failure to a developer.
	Message string
	// RetryAfter is how long the server asked the client to wait, 0 where it did
	// not say. The client has already waited and tried again.
	RetryAfter time.Duration

	cause error
}

// Error returns the code and the message.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

// Unwrap returns the cause, such as why a value has no JSON or why there is no
// connection. It is nil for most errors.
func (e *Error) Unwrap() error { return e.cause }

func (e *Error) code() Code { return e.Code }

// CodeOf returns the code of an [Error] or a [ConnectError] in the chain of err,
// the outermost first. It returns "" for nil and for every other error, such as
// the context's.
func CodeOf(err error) Code {
	type coded interface {
		error
		code() Code
	}
	if e, ok := errors.AsType[coded](err); ok {
		return e.code()
	}
	return ""
}

// errConnectionLost ends a request that only made sense on a connection that is
// gone. No caller sees it.
var errConnectionLost = &Error{Code: CodeConnectionLost, Message: "the connection was lost"}

func errClosed() error {
	return &Error{Code: CodeClosed, Message: "the client is closed"}
}

func errLeft() error {
	return &Error{Code: CodeLeft, Message: "the room was left"}
}

func errOutcomeUnknown() error {
	return &Error{Code: CodeOutcomeUnknown, Message: "no conclusive answer came in time; the request may have been carried out"}
}

// invalid turns an error of internal/protocol about an argument into an Error.
func invalid(err error) error {
	if e, ok := errors.AsType[*protocol.Error](err); ok {
		return &Error{Code: Code(e.Code), Message: e.Message}
	}
	return err
}

// badField returns the error of a field that the server would refuse, or that
// JSON cannot hold.
func badField(field, message string, cause error) error {
	return &Error{Code: CodeBadField, Message: field + ": " + message, cause: cause}
}
