package roomcastclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Frame is a frame from the server as it came: the answer to a [Client.Request],
// or one of a type that the client does not know.
type Frame struct {
	// Type is the frame's field type, "" where it has none.
	Type string
	// JSON is the whole frame, a JSON object.
	JSON json.RawMessage
}

// Decode decodes the frame into what v points to, as [json.Unmarshal] does.
func (f Frame) Decode(v any) error { return json.Unmarshal(f.JSON, v) }

// Request asks a route of the application's own, added by AddRoute, for an
// action, and returns the frame that answers it: one with the same clientId,
// which the route's function has to repeat. fields are the other fields of the
// frame: anything that encoding/json encodes to an object, or nil for none. The
// client adds action and clientId.
//
// It is sent once, as only the function knows what a copy would do; again only
// when the server says that it did nothing: rate_limited, token_expired and
// not_connected. The function answers errors as Roomcast does, with the type
// error and a code, and Request returns them as an [*Error].
// [CodeOutcomeUnknown] means that the connection was lost before the answer, and
// [CodeTimeout] that it did not come within CallTimeout. When ctx ends first the
// request may be carried out all the same. Requests are not put in any order.
func (c *Client) Request(ctx context.Context, action string, fields any) (Frame, error) {
	body, err := encodeFields(action, fields)
	if err != nil {
		return Frame{}, err
	}
	q := &request{action: action, sendOnce: true}
	in, err := c.await(ctx, q, func(id string) error {
		q.id, q.frame = id, customFrame(action, id, body)
		return invalid(protocol.CheckFrame(q.frame))
	})
	if err != nil {
		return Frame{}, err
	}
	return in.frame(), nil
}

// encodeFields returns the JSON object of a request's fields.
func encodeFields(action string, fields any) ([]byte, error) {
	switch {
	case slices.Contains(protocol.Actions, action):
		return nil, badField("action", fmt.Sprintf("%q is not a route of the application's own; call the client's method for it", action), nil)
	case strings.HasPrefix(action, "$"):
		return nil, badField("action", fmt.Sprintf("%q is a route of API Gateway's; name one that AddRoute was given", action), nil)
	}
	if err := protocol.CheckUserID("action", action); err != nil {
		return nil, invalid(err)
	}
	body, err := encodeValue("fields", fields)
	if err != nil {
		return nil, err
	}
	if string(body) == "null" {
		return []byte("{}"), nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(body, &object); err != nil || object == nil {
		return nil, badField("fields", fmt.Sprintf("must encode to a JSON object, got %s", printable(string(body[:min(len(body), 40)]))), nil)
	}
	for name := range object {
		for _, own := range []string{"action", "clientId"} {
			if strings.EqualFold(name, own) { // in Go both decode into the same field
				return nil, badField("fields", fmt.Sprintf("must not hold %s, because the client adds %s", printable(name), own), nil)
			}
		}
	}
	return body, nil
}

// customFrame returns a frame with the fields of an object.
func customFrame(action, id string, object []byte) []byte {
	name, _ := encodeJSON(action) // a string always has JSON
	frame := fmt.Appendf(nil, `{"action":%s,"clientId":"%s"`, name, id)
	if rest := bytes.TrimSpace(object[1:]); len(rest) > 1 {
		frame = append(frame, ',')
	}
	return append(frame, object[1:]...)
}

// frame returns the frame as it came.
func (in *incoming) frame() Frame { return Frame{Type: in.Type, JSON: in.raw} }

// unknown takes in a frame of a type that the client does not know, as a function
// of the application's own may post. With c.mu held.
func (c *Client) emitFrame(in *incoming) {
	if c.opts.OnFrame != nil {
		c.emit(func() { c.opts.OnFrame(in.frame()) })
	}
}
