package roomcastclient

import (
	"encoding/json"
	"errors"
	"unicode/utf8"

	"github.com/roomcast/roomcast/internal/jsonvalue"
)

// encodeValue returns the JSON of a value of the application. If the value cannot
// be sent, it returns the error that the server would give for the field.
func encodeValue(field string, v any) (json.RawMessage, error) {
	body, err := jsonvalue.Encode(v)
	if e, ok := errors.AsType[*jsonvalue.Error](err); ok {
		return nil, &Error{Code: Code(e.Code), Message: field + ": " + e.Reason, cause: e.Cause}
	}
	return body, err
}

// checkUTF8 refuses text that JSON cannot hold: it would be changed on the way.
func checkUTF8(field, text string) error {
	if !utf8.ValidString(text) {
		return badField(field, "must be valid UTF-8", nil)
	}
	return nil
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
