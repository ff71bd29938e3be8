package queue

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ascii escapes the characters of JSON that are not ASCII. SQS refuses bodies with some
// characters that a message may have, such as U+FFFF, and the engine that replaces SQS on
// a laptop refuses all above it.
func ascii(json []byte) string {
	var b strings.Builder
	b.Grow(len(json))
	for _, r := range string(json) {
		switch {
		case r < utf8.RuneSelf:
			b.WriteByte(byte(r))
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		}
	}
	return b.String()
}
