// Package jsonvalue encodes values of applications as JSON, and refuses a value
// that JSON cannot hold. The Go client and package publish use it.
package jsonvalue

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Error says why a value cannot be sent.
type Error struct {
	// Code is the code with which the server would refuse the value.
	Code protocol.Code
	// Reason says what is wrong with the value. It does not name the field.
	Reason string
	// Cause is the error of encoding/json or of the value's own method, if any.
	Cause error
}

// Error returns the reason.
func (e *Error) Error() string { return e.Reason }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Marshal returns the JSON of a value. It does not escape <, > and &, because
// frames are not HTML and escaping would make them larger.
func Marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Encode returns the JSON of a value of the application. It returns an [*Error] if
// the value is far too large or too deep, contains itself, has no JSON, or has text
// that is not well-formed Unicode. A method of the value that panics counts as
// having no JSON.
func Encode(v any) (body json.RawMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			body, err = nil, badValue(nil, "cannot be encoded: MarshalJSON panicked: %v", r)
		}
	}()
	var s scan
	s.walk(reflect.ValueOf(v), 0)
	switch {
	case s.large:
		return nil, &Error{
			Code:   protocol.CodeMessageTooLarge,
			Reason: fmt.Sprintf("must fit into a frame of %d bytes, and is far larger; send less, or in parts", protocol.MaxFrame),
		}
	case s.deep:
		return nil, &Error{
			Code:   protocol.CodeBadFrame,
			Reason: fmt.Sprintf("must be nested at most %d levels deep with its frame", protocol.MaxDepth),
		}
	}
	body, err = Marshal(v)
	switch {
	case err != nil:
		return nil, badValue(err, "cannot be encoded as JSON: %v", err)
	case !utf8.Valid(body) || s.mayReplace() && escapesReplacement(body):
		return nil, badValue(nil, "must have valid UTF-8 in all its text")
	case !protocol.WellFormed(body):
		return nil, badValue(nil, "must have well-formed Unicode in all its text, got half of a surrogate pair")
	}
	return body, nil
}

func badValue(cause error, format string, args ...any) error {
	return &Error{Code: protocol.CodeBadField, Reason: fmt.Sprintf(format, args...), Cause: cause}
}

// escapesReplacement reports whether JSON has an escape of U+FFFD. encoding/json
// writes one for each byte that is not UTF-8, and for nothing else.
func escapesReplacement(body []byte) bool {
	for at := bytes.IndexByte(body, '\\'); at >= 0; at = bytes.IndexByte(body, '\\') {
		if bytes.HasPrefix(body[at:], []byte(`\ufffd`)) {
			return true
		}
		body = body[at+2:] // the escaped character may be a backslash
	}
	return false
}
