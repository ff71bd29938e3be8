package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode returns the JSON of a frame. It fails only for a [Notification] that
// does not hold JSON.
func Encode(f Frame) ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, `{"type":%q,`, f.Type())
	start := b.Len()
	enc := json.NewEncoder(&b)
	// The frames are no HTML; escaping <, > and & would only make them larger.
	enc.SetEscapeHTML(false)
	if err := enc.Encode(f); err != nil {
		return nil, fmt.Errorf("encode a frame of type %s: %w", f.Type(), err)
	}
	// Every frame has a field that is never left out, so a comma is right
	// where the brace was; and the encoder ends with a newline.
	fields := b.Bytes()[start+1 : b.Len()-1]
	return append(b.Bytes()[:start], fields...), nil
}

// Size returns the bytes of a frame as it stands in the list of another one.
// For a [Notification] that does not hold JSON it is 0.
func Size(f Frame) int {
	frame, _ := Encode(f)
	return len(frame) + len(",")
}
