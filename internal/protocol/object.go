package protocol

import (
	"encoding/json"
	"fmt"
)

// object is a client's frame, taken apart once. Its methods read fields and
// keep the first thing that is wrong, so that a decoder can read all it wants
// and look for an error at the end.
type object struct {
	action   string
	clientID string
	fields   map[string]json.RawMessage
	first    *Error
}

// parse takes a frame apart and reads what every frame has.
func parse(body []byte) (*object, error) {
	if deeperThan(body, MaxDepth) {
		return nil, Errorf(CodeBadFrame, "the frame must be nested at most %d levels deep", MaxDepth)
	}
	o := &object{}
	if err := json.Unmarshal(body, &o.fields); err != nil || o.fields == nil {
		return nil, Errorf(CodeBadFrame, `the frame must be a JSON object such as {"action":"ping"}`)
	}
	ill := checkUnicode(body)
	if WellFormed(o.fields["clientId"]) {
		o.clientID = o.optionalText("clientId", 1, MaxClientID)
	}
	if ill != nil {
		return nil, o.fail(ill)
	}
	action, ok := o.fields["action"]
	if !ok {
		return nil, o.fail(Errorf(CodeBadFrame, "action: is missing"))
	}
	if kind(action) != "string" || json.Unmarshal(action, &o.action) != nil {
		return nil, o.fail(Errorf(CodeBadFrame, "action: must be a string, got %s", describe(action)))
	}
	return o, nil
}

// ClientID returns the clientId of a frame, "" when it has none, or one that
// breaks a limit.
func ClientID(body []byte) string {
	o, err := parse(body)
	if err != nil {
		return ""
	}
	return o.clientID
}

// err returns the first thing that was wrong, with the frame's clientId.
func (o *object) err() error {
	if o.first == nil {
		return nil
	}
	return o.fail(o.first)
}

// fail gives an error the clientId of this frame.
func (o *object) fail(e *Error) error {
	e.ClientID = o.clientID
	return e
}

// reject notes that something is wrong, unless something was before.
func (o *object) reject(e *Error) {
	if o.first == nil {
		o.first = e
	}
}

// raw returns a field as it stands. A field that is null counts as missing.
func (o *object) raw(field string) (json.RawMessage, bool) {
	raw, ok := o.fields[field]
	return raw, ok && string(raw) != "null"
}

// required is raw for a field that must be there.
func (o *object) required(field string) (json.RawMessage, bool) {
	raw, ok := o.raw(field)
	if !ok {
		o.reject(Errorf(CodeBadField, "%s: is missing", field))
	}
	return raw, ok
}

// optionalText reads a text of min to max characters, "" when it is missing.
func (o *object) optionalText(field string, min, max int) string {
	raw, ok := o.raw(field)
	if !ok {
		return ""
	}
	var text string
	if !o.decode(field, raw, &text, "a string") {
		return ""
	}
	if e := checkText(field, text, min, max); e != nil {
		o.reject(e)
		return ""
	}
	return text
}

// decode reads raw into v and reports whether it had the right type.
func (o *object) decode(field string, raw json.RawMessage, v any, want string) bool {
	if err := json.Unmarshal(raw, v); err != nil {
		o.reject(Errorf(CodeBadField, "%s: must be %s, got %s", field, want, describe(raw)))
		return false
	}
	return true
}

// whole reads a whole number from min to max; false when it is missing.
func (o *object) whole(field string, min, max int64) (int64, bool) {
	raw, ok := o.raw(field)
	if !ok {
		return 0, false
	}
	var n int64
	want := fmt.Sprintf("a whole number from %d to %d", min, max)
	if !o.decode(field, raw, &n, want) {
		return 0, false
	}
	if n < min || n > max {
		o.reject(Errorf(CodeBadField, "%s: must be %s, got %s", field, want, describe(raw)))
		return 0, false
	}
	return n, true
}

// kind names the JSON type of a value.
func kind(raw json.RawMessage) string {
	switch raw[0] {
	case '"':
		return "string"
	case '{':
		return "object"
	case '[':
		return "array"
	case 't', 'f':
		return "boolean"
	case 'n':
		return "null"
	default:
		return "number"
	}
}

// describe names the JSON type of a value, and a number itself: a number has
// the wrong type when it is a fraction or out of range.
func describe(raw json.RawMessage) string {
	const readable = 24
	if k := kind(raw); k != "number" || len(raw) > readable {
		return k
	}
	return fmt.Sprintf("the number %s", raw)
}
