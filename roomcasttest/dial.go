package roomcasttest

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/coder/websocket"
)

// DialOption says how Dial and MustDial open a connection.
type DialOption func(*handshake)

// handshake is what the options of a Dial come to.
type handshake struct {
	api          string
	user         *string
	query        url.Values
	header       http.Header
	subprotocols []string
}

// WithUser connects as a user. Where tokens are signed with a secret of the
// stack it sends a token of [Stack.Token] as ?token=; otherwise it sends the
// query parameter userId, which a stack without authentication accepts. For
// other claims, and for the tokens of an identity provider, use WithToken.
func WithUser(userID string) DialOption {
	return func(h *handshake) { h.user = &userID }
}

// WithToken sends a token as the query parameter token.
func WithToken(token string) DialOption { return WithQuery("token", token) }

// WithRoom joins a room as it connects, by the query parameter roomId.
func WithRoom(roomID string) DialOption { return WithQuery("roomId", roomID) }

// WithQuery adds a query parameter to the URL.
func WithQuery(name, value string) DialOption {
	return func(h *handshake) { h.query.Add(name, value) }
}

// WithHeader adds a header to the handshake, such as Origin or Authorization.
func WithHeader(name, value string) DialOption {
	return func(h *handshake) { h.header.Add(name, value) }
}

// WithSubprotocols offers WebSocket subprotocols, such as "roomcast" and a
// token.
// Default: none.
func WithSubprotocols(names ...string) DialOption {
	return func(h *handshake) { h.subprotocols = names }
}

// WithAPI connects to the WebSocket API with a logical id.
// Default: the first API of the stack.
func WithAPI(logicalID string) DialOption {
	return func(h *handshake) { h.api = logicalID }
}

// MustDial opens a WebSocket connection, and fails the test if the handshake is
// refused. The connection is closed when the test ends.
func (s *Stack) MustDial(t testing.TB, options ...DialOption) *Client {
	t.Helper()
	c, response, err := s.Dial(t, options...)
	if err != nil {
		status := 0
		if response != nil {
			status = response.StatusCode
		}
		t.Fatalf("roomcasttest: connect: %v (status %d)", err, status)
	}
	return c
}

// Dial opens a WebSocket connection, which is closed when the test ends. It
// returns the response to the handshake, and an error if the handshake was
// refused: use it to test refusals, and MustDial everywhere else.
func (s *Stack) Dial(t testing.TB, options ...DialOption) (*Client, *http.Response, error) {
	t.Helper()
	h := handshake{query: url.Values{}, header: http.Header{}}
	for _, option := range options {
		option(&h)
	}
	if h.user != nil {
		s.identify(t, &h)
	}
	address := s.api(t, h.api).WebSocketURL
	if len(h.query) > 0 {
		address += "?" + h.query.Encode()
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	conn, response, err := websocket.Dial(ctx, address, &websocket.DialOptions{HTTPHeader: h.header, Subprotocols: h.subprotocols})
	if err != nil {
		return nil, response, err
	}
	return newClient(t, conn), response, nil
}

// identify says in a handshake who the user is.
func (s *Stack) identify(t testing.TB, h *handshake) {
	t.Helper()
	if _, signed := s.cloud.Secret(s.Output(authSecret)); signed {
		h.query.Set("token", s.Token(t, *h.user))
		return
	}
	h.query.Set("userId", *h.user)
}
