package protocol

import (
	"encoding/json"
	"fmt"
)

// object is a parsed frame of a client. Its methods read fields and keep the
// first error, so that a decoder can read all fields and check for an error at
// the end.
type object struct {
	action   string
	clientID string
	fields   map[string]json.RawMessage
	first    *Error
}

// parse parses a frame and reads the fields that every frame has.
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

// ClientID returns the clientId of a frame, "" if it has none or an invalid
// one.
func ClientID(body []byte) string {
	o, err := parse(body)
	if err != nil {
		return ""
	}
	return o.clientID
}

// err returns the first error, with the frame's clientId.
func (o *object) err() error {
	if o.first == nil {
		return nil
	}
	return o.fail(o.first)
}

// fail returns an error with the clientId of this frame.
func (o *object) fail(e *Error) error {
	e.ClientID = o.clientID
	return e
}

// reject records an error, unless there is one already.
func (o *object) reject(e *Error) {
	if o.first == nil {
		o.first = e
	}
}

// raw returns the JSON of a field. null counts as missing.
func (o *object) raw(field string) (json.RawMessage, bool) {
	raw, ok := o.fields[field]
	return raw, ok && string(raw) != "null"
}

// required is raw for a required field.
func (o *object) required(field string) (json.RawMessage, bool) {
	raw, ok := o.raw(field)
	if !ok {
		o.reject(Errorf(CodeBadField, "%s: is missing", field))
	}
	return raw, ok
}

// optionalText reads a text of least to most characters, "" if it is missing.
func (o *object) optionalText(field string, least, most int) string {
	raw, ok := o.raw(field)
	if !ok {
		return ""
	}
	var text string
	if !o.decode(field, raw, &text, "a string") {
		return ""
	}
	if e := checkText(field, text, least, most); e != nil {
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

// whole reads a whole number from least to most; false if it is missing.
func (o *object) whole(field string, least, most int64) (int64, bool) {
	raw, ok := o.raw(field)
	if !ok {
		return 0, false
	}
	var n int64
	want := fmt.Sprintf("a whole number from %d to %d", least, most)
	if !o.decode(field, raw, &n, want) {
		return 0, false
	}
	if n < least || n > most {
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

// describe names the JSON type of a value. It includes a number, which has the
// wrong type if it is a fraction or out of range.
func describe(raw json.RawMessage) string {
	const readable = 24
	if k := kind(raw); k != "number" || len(raw) > readable {
		return k
	}
	return fmt.Sprintf("the number %s", raw)
}
