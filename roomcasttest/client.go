package roomcasttest

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// patience bounds every wait of a test. Generous, because it is only ever
// used up by a test that fails.
const patience = 30 * time.Second

// Frame is one frame from the server, decoded. The frames of a batch come one
// after the other, as if they had come alone.
type Frame map[string]any

// Type is what kind of frame it is; "" for the frames of API Gateway itself.
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

// Client is one WebSocket connection of a test. It is not safe for use by
// several goroutines at once.
type Client struct {
	t      testing.TB
	conn   *websocket.Conn
	frames *inbox
	closed chan struct{} // closed when the connection has ended
	err    error         // why it ended; set before that
}

// Connect opens a connection with the given query parameters, names and
// values in turn, and fails the test when it is refused. The connection ends
// with the test.
func (s *Stack) Connect(t testing.TB, query ...string) *Client {
	t.Helper()
	c, response, err := s.Dial(t, query...)
	if err != nil {
		status := 0
		if response != nil {
			status = response.StatusCode
		}
		t.Fatalf("roomcasttest: connect with %q: %v (status %d)", query, err, status)
	}
	return c
}

// Dial is Connect for a test that expects a refusal: it returns the handshake's
// response and error instead of failing.
func (s *Stack) Dial(t testing.TB, query ...string) (*Client, *http.Response, error) {
	t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		values.Add(query[i], query[i+1])
	}
	return s.Open(t, Handshake{Query: values})
}

// Handshake is how a connection is asked for, where Connect does not say
// enough.
type Handshake struct {
	// API is the logical id of the WebSocket API. Default: the first one.
	API string
	// Query are the parameters of the URL. Default: none.
	Query url.Values
	// Header are the headers, such as Origin or Authorization. Default: none
	// but those of every handshake.
	Header http.Header
	// Subprotocols are offered to the API. Default: none.
	Subprotocols []string
}

// Open makes a handshake and returns its response, and the connection unless
// it was refused. The connection ends with the test.
func (s *Stack) Open(t testing.TB, h Handshake) (*Client, *http.Response, error) {
	t.Helper()
	address := s.api(t, h.API).WebSocketURL
	if len(h.Query) > 0 {
		address += "?" + h.Query.Encode()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: h.Header, Subprotocols: h.Subprotocols})
	if err != nil {
		return nil, response, err
	}
	return newClient(t, conn), response, nil
}

func newClient(t testing.TB, conn *websocket.Conn) *Client {
	conn.SetReadLimit(256 << 10)
	c := &Client{t: t, conn: conn, frames: newInbox(), closed: make(chan struct{})}
	go c.read()
	t.Cleanup(func() { _ = conn.CloseNow() })
	return c
}

// read takes every frame at once, however many the test leaves unread: a client
// that stopped reading would look slow to the server, and miss the close.
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

// Send sends a value as a JSON text frame.
func (c *Client) Send(frame any) {
	c.t.Helper()
	data, err := json.Marshal(frame)
	if err != nil {
		c.t.Fatalf("roomcasttest: encode %v: %v", frame, err)
	}
	c.Write(websocket.MessageText, data)
}

// Write sends a frame as it is, text or binary.
func (c *Client) Write(kind websocket.MessageType, data []byte) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.conn.Write(ctx, kind, data); err != nil {
		c.t.Fatalf("roomcasttest: send %.100s: %v", data, err)
	}
}

// Await returns the next frame of a type, and drops those before it.
func (c *Client) Await(kind string) Frame {
	c.t.Helper()
	return c.AwaitFrame("of type "+kind, func(f Frame) bool { return f.Type() == kind })
}

// AwaitFrame returns the next frame that match accepts, and drops those before
// it. When none comes the test fails with what was wanted and what came.
func (c *Client) AwaitFrame(wanted string, match func(Frame) bool) Frame {
	c.t.Helper()
	var before []Frame
	timeout := time.After(patience)
	for {
		f, err := c.frames.next(c.closed, timeout)
		switch {
		case errors.Is(err, errEnded):
			c.t.Fatalf("roomcasttest: the connection ended (%v) before a frame %s; there came %v", c.err, wanted, before)
		case err != nil:
			c.t.Fatalf("roomcasttest: no frame %s within %v; there came %v", wanted, patience, before)
		case match(f):
			return f
		}
		before = append(before, f)
	}
}

// Quiet returns the frames that come within d.
func (c *Client) Quiet(d time.Duration) []Frame {
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

// AwaitClose waits for the server to close the connection and returns the
// close code.
func (c *Client) AwaitClose() websocket.StatusCode {
	c.t.Helper()
	select {
	case <-c.closed:
		return websocket.CloseStatus(c.err)
	case <-time.After(patience):
		c.t.Fatalf("roomcasttest: the connection was not closed within %v", patience)
		return 0
	}
}

// Close closes the connection as a client does that goes away.
func (c *Client) Close() { _ = c.conn.Close(websocket.StatusNormalClosure, "") }
