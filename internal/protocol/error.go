package protocol

import (
	"fmt"
	"time"
)

// Error is a failure that the client is told about.
type Error struct {
	Code Code
	// Message is for the developer of the client: what was wrong and what to
	// do. It begins with the field's name where one field is at fault.
	Message string
	// ClientID is the clientId of the frame at fault, "" when it had none.
	ClientID string
	// RetryAfter is how long to wait before the same frame is sent again.
	// Zero when sending it again is of no use.
	RetryAfter time.Duration
}

// Errorf makes an error of a code, with a message as fmt.Sprintf makes it.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Error returns the message with the code before it.
func (e *Error) Error() string {
	return string(e.Code) + ": " + e.Message
}

// Frame returns the frame that tells the client.
func (e *Error) Frame() ErrorFrame {
	return ErrorFrame{
		Code:         e.Code,
		Message:      e.Message,
		ClientID:     e.ClientID,
		RetryAfterMs: e.RetryAfter.Milliseconds(),
	}
}

// RateLimited makes the error for a frame that may be sent again after a wait.
func RateLimited(wait time.Duration, format string, args ...any) *Error {
	e := Errorf(CodeRateLimited, format, args...)
	e.RetryAfter = (wait + time.Millisecond - 1).Truncate(time.Millisecond) // not 0, and not too early
	return e
}
