package roomcastclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/jsonvalue"
	"github.com/roomcast/roomcast/internal/protocol"
)

// Frame is a frame of the application's own, as the server sent it: the reply to a
// [Client.Request], or a frame of a type that the client does not know.
type Frame struct {
	// Type is the field type of the frame, "" if it has none.
	Type string
	// JSON is the whole frame, a JSON object.
	JSON json.RawMessage
}

// Decode decodes the frame into v, as [json.Unmarshal] does.
func (f Frame) Decode(v any) error { return json.Unmarshal(f.JSON, v) }

// Request calls a route of the application's own, added by AddRoute, and returns
// the frame that replies: the one that repeats the clientId of the request. fields
// are the other fields of the request, anything that encoding/json encodes to an
// object, or nil for none. The client adds action and clientId.
//
// A request is sent once, because only the route's function knows what a copy would
// do. It is sent again only after rate_limited, token_expired and not_connected,
// which say that nothing was done. Requests are not ordered.
//
// Request waits until the deadline of ctx or, if there is none, for at most
// Options.CallTimeout, and then fails with CodeTimeout. It fails with
// CodeOutcomeUnknown if the connection was lost before the reply. In all these cases
// the request may have been carried out. If the function replies with a frame of type
// error, Request returns it as an [*Error].
func (c *Client) Request(ctx context.Context, action string, fields any, opts ...SendOption) (Frame, error) {
	body, err := encodeFields(action, fields)
	if err != nil {
		return Frame{}, err
	}
	o := optionsOf(opts)
	q := &request{action: action, sendOnce: true}
	if _, ok := ctx.Deadline(); ok {
		q.limit = noLimit // how long a route takes, only the application knows
	}
	in, err := c.await(ctx, q, func(id string) error {
		if o.hasKey {
			if err := c.checkFreeKey(o.key); err != nil {
				return err
			}
			id = o.key
		}
		q.id, q.frame = id, customFrame(action, id, body)
		return invalid(protocol.CheckFrame(q.frame))
	})
	if err != nil {
		return Frame{}, err
	}
	return in.frame(), nil
}

// encodeFields returns the fields of a request as a JSON object.
func encodeFields(action string, fields any) ([]byte, error) {
	switch {
	case slices.Contains(protocol.Actions, action):
		return nil, badField("action", fmt.Sprintf("%q is not a route of the application's own; call the client's method for it", action), nil)
	case strings.HasPrefix(action, "$"):
		return nil, badField("action", fmt.Sprintf("%q is a route of API Gateway; name one that AddRoute was given", action), nil)
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
			if strings.EqualFold(name, own) { // encoding/json decodes both into the same field
				return nil, badField("fields", fmt.Sprintf("must not hold %s, because the client adds %s", printable(name), own), nil)
			}
		}
	}
	return body, nil
}

// customFrame returns the frame of a request with the fields of an object.
func customFrame(action, id string, object []byte) []byte {
	name, _ := jsonvalue.Marshal(action) // a string always has JSON
	key, _ := jsonvalue.Marshal(id)
	frame := fmt.Appendf(nil, `{"action":%s,"clientId":%s`, name, key)
	if rest := bytes.TrimSpace(object[1:]); len(rest) > 1 {
		frame = append(frame, ',')
	}
	return append(frame, object[1:]...)
}

// frame returns the frame as the server sent it.
func (in *incoming) frame() Frame { return Frame{Type: in.Type, JSON: in.raw} }

// emitFrame reports a frame of a type that the client does not know, such as a
// function of the application's own may post. The caller holds c.mu.
func (c *Client) emitFrame(in *incoming) {
	if c.opts.OnFrame != nil {
		c.emit(func() { c.opts.OnFrame(in.frame()) })
	}
}
