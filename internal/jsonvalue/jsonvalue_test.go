package jsonvalue

import (
	"errors"
	"testing"
)

type text string

func (t text) MarshalText() ([]byte, error) { return []byte(t), nil }

// encoding/json replaces what is not UTF-8 in the text of a TextMarshaler as well.
func TestTextOfMarshalers(t *testing.T) {
	t.Parallel()
	for _, bad := range []any{text("\xff"), []any{text("a\xffb")}, map[text]int{"\xff": 1}} {
		var refused *Error
		if body, err := Encode(bad); !errors.As(err, &refused) || refused.Code != "bad_field" {
			t.Errorf("%#v: got %s, %v", bad, body, err)
		}
	}
	for want, good := range map[string]any{
		`"�"`:             text("�"),
		`["\\ufffd","<"]`: []any{text(`\ufffd`), text("<")},
	} {
		if body, err := Encode(good); err != nil || string(body) != want {
			t.Errorf("%#v: got %s, %v, want %s", good, body, err, want)
		}
	}
}
