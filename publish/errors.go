package publish

import (
	"errors"
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/internal/jsonvalue"
	"github.com/roomcast/roomcast/internal/protocol"
)

// ErrInvalid is in the chain of every error that refuses the input: it breaks a
// limit, or its IdempotencyKey was used for something else. Sending it again does
// not help. [CodeOf] returns the code of the refusal.
var ErrInvalid = errors.New("invalid input")

// CodeOf returns the code of an error that refuses the input, and "" for every
// other error and for nil.
func CodeOf(err error) Code {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code
	}
	return ""
}

// refusal is why something was not sent.
type refusal struct {
	call  string // "to room" or "to users"
	code  Code
	text  string // begins with the name of the field
	cause error
}

func (r *refusal) Error() string {
	return fmt.Sprintf("publish %s: %v: %s", r.call, ErrInvalid, r.text)
}

func (r *refusal) Is(target error) bool { return target == ErrInvalid }

func (r *refusal) Unwrap() error { return r.cause }

// invalid returns the refusal for an error about a field.
func invalid(call string, err error) error {
	r := &refusal{call: call, code: CodeBadField, text: err.Error(), cause: err}
	if e, ok := errors.AsType[*protocol.Error](err); ok {
		r.code, r.text = Code(e.Code), inGo(e.Message)
	}
	if e, ok := errors.AsType[*jsonvalue.Error](err); ok {
		r.text, r.cause = "Data: "+e.Reason, e.Cause
		if e.Code == protocol.CodeMessageTooLarge {
			r.code = CodeMessageTooLarge
		}
	}
	return r
}

// fields are the names of fields on the wire and here.
var fields = strings.NewReplacer("roomId", "RoomID", "userIds", "To", "userId", "UserID", "message", "Text", "notification", "Data")

// inGo names the field that an error of the protocol begins with as it is called
// here.
func inGo(text string) string {
	if end := strings.IndexAny(text, ":["); end > 0 {
		return fields.Replace(text[:end]) + text[end:]
	}
	return text
}
