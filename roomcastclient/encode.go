package roomcastclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/protocol"
)

// encodeJSON returns the JSON of a value. It does not escape <, > and &, because
// frames are not HTML and escaping would make them larger.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// encodeValue returns the JSON of a value of the application. If JSON cannot hold the
// value, or some of its text is not Unicode, it returns the error that the server
// would give for the field. A MarshalJSON that panics is such a value, too.
func encodeValue(field string, v any) (body json.RawMessage, err error) {
	defer func() {
		if r := recover(); r != nil {
			body, err = nil, badField(field, fmt.Sprintf("cannot be encoded: MarshalJSON panicked: %v", r), nil)
		}
	}()
	var s valueScan
	s.walk(reflect.ValueOf(v), 0)
	switch {
	case s.large:
		return nil, &Error{
			Code:    CodeMessageTooLarge,
			Message: fmt.Sprintf("%s: must fit into a frame of %d bytes, and is far larger; send less, or in parts", field, protocol.MaxFrame),
		}
	case s.deep:
		return nil, &Error{
			Code:    CodeBadFrame,
			Message: fmt.Sprintf("%s: must be nested at most %d levels deep with its frame", field, protocol.MaxDepth),
		}
	}
	body, err = encodeJSON(v)
	switch {
	case err != nil:
		return nil, badField(field, fmt.Sprintf("cannot be encoded as JSON: %v", err), err)
	// encoding/json writes U+FFFD for what is not UTF-8, and says nothing.
	case !utf8.Valid(body) || s.invalid && bytes.Contains(body, []byte(`\ufffd`)):
		return nil, badField(field, "must have valid UTF-8 in all its text", nil)
	case hasLoneSurrogate(body):
		return nil, badField(field, "must have well-formed Unicode in all its text, got half of a surrogate pair", nil)
	}
	return body, nil
}

// checkUTF8 refuses text that JSON cannot hold: it would be changed on the way.
func checkUTF8(field, text string) error {
	if !utf8.ValidString(text) {
		return badField(field, "must be valid UTF-8", nil)
	}
	return nil
}

// hasLoneSurrogate reports whether JSON has an escape such as \ud800 that is half
// of a pair. It stands for no character, and readers change it or fail.
func hasLoneSurrogate(body []byte) bool {
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // to the escaped character
		r := escaped(body[i-1:])
		if !utf16.IsSurrogate(r) {
			continue
		}
		if utf16.DecodeRune(r, escaped(body[i+5:])) == utf8.RuneError {
			return true
		}
		i += 10 // to the last digit of the second escape
	}
	return false
}

// escaped returns the character for which an escape such as \u0041 at the start of
// JSON stands, or -1 if there is no escape.
func escaped(body []byte) rune {
	if len(body) < 6 || body[0] != '\\' || body[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(string(body[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// chunks splits a list into parts of at most most elements, which together take at
// most so many bytes.
func chunks[T any](list []T, most, bytes int, size func(T) int) (parts [][]T) {
	begin, used := 0, 0
	for i, each := range list {
		n := size(each)
		if i > begin && (i-begin == most || used+n > bytes) {
			parts, begin, used = append(parts, list[begin:i]), i, 0
		}
		used += n
	}
	if begin < len(list) {
		parts = append(parts, list[begin:])
	}
	return parts
}
