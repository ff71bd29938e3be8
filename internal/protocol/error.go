package protocol

import (
	"fmt"
	"time"
)

// Error is a failure that is reported to the client.
type Error struct {
	Code Code
	// Message is for the developer of the client: what was wrong and what to do.
	// It begins with the field's name if a field is at fault.
	Message string
	// ClientID is the clientId of the frame at fault, "" if it had none.
	ClientID string
	// RetryAfter is how long to wait before the same frame is sent again. Zero if
	// sending it again does not help.
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

// Frame returns the frame that reports the error.
func (e *Error) Frame() ErrorFrame {
	return ErrorFrame{
		Code:         e.Code,
		Message:      e.Message,
		ClientID:     e.ClientID,
		RetryAfterMs: e.RetryAfter.Milliseconds(),
	}
}

// RateLimited returns the error for a frame that may be sent again after a
// wait.
func RateLimited(wait time.Duration, format string, args ...any) *Error {
	e := Errorf(CodeRateLimited, format, args...)
	e.RetryAfter = (wait + time.Millisecond - 1).Truncate(time.Millisecond) // not 0, and not too early
	return e
}
