package roomcasttest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// timeout bounds every wait of a test. It is generous, because only a test that
// fails uses it up.
const timeout = 30 * time.Second

// Frame is a decoded frame from the server. The frames of a batch are returned
// one after the other.
type Frame map[string]any

// Type is the field type of the frame; "" for the frames of API Gateway itself.
func (f Frame) Type() string { return f.Text("type") }

// Text is the value of a field that holds a string, else "".
func (f Frame) Text(field string) string {
	s, _ := f[field].(string)
	return s
}

// Number is the value of a field that holds a number, else 0.
func (f Frame) Number(field string) float64 {
	n, _ := f[field].(float64)
	return n
}

// Client is a WebSocket connection of a test, opened by [Stack.Dial]. It must be
// used by one goroutine at a time.
type Client struct {
	t      testing.TB
	conn   *websocket.Conn
	frames *inbox
	closed chan struct{} // closed when the connection has ended
	err    error         // why it ended; set before that
}

func newClient(t testing.TB, conn *websocket.Conn) *Client {
	conn.SetReadLimit(256 << 10)
	c := &Client{t: t, conn: conn, frames: newInbox(), closed: make(chan struct{})}
	go c.read()
	t.Cleanup(func() { _ = conn.CloseNow() })
	return c
}

// read takes every frame as it arrives, however many the test leaves unread: a
// client that stopped reading would look slow to the server and miss the close.
func (c *Client) read() {
	defer close(c.closed)
	for {
		_, data, err := c.conn.Read(context.Background())
		if err != nil {
			c.err = err
			return
		}
		for _, f := range decode(data) {
			c.frames.put(f)
		}
	}
}

// decode returns the frame in a text, or the frames of a batch.
func decode(data []byte) []Frame {
	var f struct {
		Type   string  `json:"type"`
		Frames []Frame `json:"frames"`
	}
	if json.Unmarshal(data, &f) == nil && f.Type == "batch" {
		return f.Frames
	}
	var single Frame
	if err := json.Unmarshal(data, &single); err != nil {
		single = Frame{"raw": string(data)}
	}
	return []Frame{single}
}

// Send encodes a value as JSON and sends it as a text frame.
func (c *Client) Send(frame any) {
	c.t.Helper()
	data, err := json.Marshal(frame)
	if err != nil {
		c.t.Fatalf("roomcasttest: encode %v: %v", frame, err)
	}
	c.Write(websocket.MessageText, data)
}

// Write sends a text or binary frame unchanged.
func (c *Client) Write(kind websocket.MessageType, data []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if err := c.conn.Write(ctx, kind, data); err != nil {
		c.t.Fatalf("roomcasttest: send %.100s: %v", data, err)
	}
}

// Await returns the next frame of a type and drops the frames before it. It
// fails the test if none arrives within 30 seconds.
func (c *Client) Await(kind string) Frame {
	c.t.Helper()
	return c.AwaitFrame("of type "+kind, func(f Frame) bool { return f.Type() == kind })
}

// AwaitFrame returns the next frame that match accepts and drops the frames
// before it. If none arrives within 30 seconds the test fails; wanted then says
// which frame was missing.
func (c *Client) AwaitFrame(wanted string, match func(Frame) bool) Frame {
	c.t.Helper()
	var before []Frame
	expired := time.After(timeout)
	for {
		f, err := c.frames.next(c.closed, expired)
		switch {
		case errors.Is(err, errEnded):
			c.t.Fatalf("roomcasttest: the connection ended (%v) before a frame %s; received %v", c.err, wanted, before)
		case err != nil:
			c.t.Fatalf("roomcasttest: no frame %s within %v; received %v", wanted, timeout, before)
		case match(f):
			return f
		}
		before = append(before, f)
	}
}

// Collect waits for d and returns the frames that arrived. An empty result
// shows that nothing was sent.
func (c *Client) Collect(d time.Duration) []Frame {
	var got []Frame
	end := time.After(d)
	for {
		f, err := c.frames.next(c.closed, end)
		if err != nil {
			return got
		}
		got = append(got, f)
	}
}

// AwaitClose waits until the server closes the connection and returns the close
// code. It fails the test after 30 seconds.
func (c *Client) AwaitClose() websocket.StatusCode {
	c.t.Helper()
	select {
	case <-c.closed:
		return websocket.CloseStatus(c.err)
	case <-time.After(timeout):
		c.t.Fatalf("roomcasttest: the connection was not closed within %v", timeout)
		return 0
	}
}

// Close closes the connection with the code 1000, normal closure.
func (c *Client) Close() { _ = c.conn.Close(websocket.StatusNormalClosure, "") }
