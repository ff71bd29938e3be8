package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode returns the JSON of a frame. It fails only for a [Notification] that
// is not JSON.
func Encode(f Frame) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":%q,`, f.Type())
	start := b.Len()
	enc := json.NewEncoder(&b)
	// Escaping <, > and & for HTML would only make frames larger.
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return nil, fmt.Errorf("encode a frame of type %s: %w", f.Type(), err)
	}
	// Every frame has a field that is never omitted, so a comma may replace the
	// brace; the encoder ends with a newline.
	fields := b.Bytes()[start+1 : b.Len()-1]
	return append(b.Bytes()[:start], fields...), nil
}

// Size returns the bytes of a frame as an element of a list. For a
// [Notification] that is not JSON it is 0.
func Size(f Frame) int {
	frame, _ := Encode(f)
	return len(frame) + len(",")
}
