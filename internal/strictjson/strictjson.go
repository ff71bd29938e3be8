// Package strictjson reads JSON that a program will both check and pass on: it
// accepts only what every reader understands in the same way.
//
// Member names match exactly, whereas encoding/json accepts "tablename" for
// "TableName". Refused are duplicate members, invalid UTF-8, lone surrogates, a
// byte order mark, and anything after the value.
package strictjson

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Unmarshal decodes one JSON value. A value of another type than the field it
// belongs to is an error; null leaves the field's zero value. Unknown members
// are ignored.
func Unmarshal(data []byte, into any) error { return json.Unmarshal(data, into) }

// UnmarshalKnown is like Unmarshal, but refuses unknown members.
func UnmarshalKnown(data []byte, into any) error {
	return json.Unmarshal(data, into, json.RejectUnknownMembers(true))
}

// prototype is a member name that replaces the prototype of a JavaScript object
// if a program copies members one by one.
const prototype = "__proto__"

// CheckObject returns an error unless data is one JSON object in which objects
// and arrays are nested at most depth deep and no member is named "__proto__",
// which programs in JavaScript may not read as a member.
func CheckObject(data []byte, depth int) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(data))
	if d.PeekKind() != '{' {
		if _, err := d.ReadToken(); err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		return errors.New("expected a JSON object")
	}
	for {
		t, err := d.ReadToken()
		if err != nil {
			return err
		}
		if d.StackDepth() > depth {
			return fmt.Errorf("nested more than %d deep", depth)
		}
		if t.Kind() == '"' && isName(d) && t.String() == prototype {
			return fmt.Errorf("a member is named %q", prototype)
		}
		if d.StackDepth() == 0 {
			return atEnd(d)
		}
	}
}

// isName reports whether the string that was just read is a member's name.
func isName(d *jsontext.Decoder) bool {
	kind, length := d.StackIndex(d.StackDepth())
	return kind == '{' && length%2 == 1
}

// atEnd returns an error unless only white space is left.
func atEnd(d *jsontext.Decoder) error {
	switch _, err := d.ReadToken(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errors.New("there is more than one JSON value")
}

// Edit rewrites strings of a JSON value: change gets each string value and each
// member name with its JSON pointer (for a name, that of its member), and
// returns the replacement. Everything else is unchanged.
func Edit(data []byte, change func(place jsontext.Pointer, name bool, text string) string) ([]byte, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(data))
	var out bytes.Buffer
	e := jsontext.NewEncoder(&out)
	for {
		t, err := d.ReadToken()
		if errors.Is(err, io.EOF) {
			return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
		}
		if err != nil {
			return nil, err
		}
		if t.Kind() == '"' {
			t = jsontext.String(change(d.StackPointer(), isName(d), t.String()))
		}
		if err := e.WriteToken(t); err != nil {
			return nil, err
		}
	}
}
