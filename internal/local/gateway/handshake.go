package gateway

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// serveHandshake decides about a handshake and, if $connect agrees, upgrades it.
// The socket leaves net/http here, and nothing of the request is kept.
func (g *Gateway) serveHandshake(w http.ResponseWriter, r *http.Request) {
	if !g.conns.enter(&g.running) {
		writeJSON(w, http.StatusServiceUnavailable, message("Service Unavailable"))
		return
	}
	defer g.running.Done()

	if status := checkHandshake(r); status != 0 {
		w.Header().Set("Sec-WebSocket-Version", "13")
		writeJSON(w, status, message(http.StatusText(status)))
		return
	}
	c := newConnection(g, remoteIP(r), strings.Clone(r.UserAgent()))
	protocol, ok := g.connect(c, w, r)
	if !ok {
		return
	}
	socket, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		g.cfg.Logger.Error("handshake: the server does not support hijacking", "error", err)
		writeJSON(w, http.StatusInternalServerError, message("Internal server error"))
		return
	}
	// The server may have set read deadlines for the request.
	_ = socket.SetDeadline(time.Time{})
	g.observe(Observation{Event: Opened, Connection: c.id, Query: r.URL.Query()})
	c.open(socket, accept(r.Header.Get("Sec-WebSocket-Key"), protocol), buffered(rw.Reader))
}

// checkHandshake returns the status for a request that is not a handshake, or 0.
func checkHandshake(r *http.Request) int {
	key, err := base64.StdEncoding.DecodeString(r.Header.Get("Sec-WebSocket-Key"))
	switch {
	case len(r.RequestURI) > maxURL:
		return http.StatusRequestURITooLong
	case !hasToken(r.Header, "Upgrade", "websocket") || !hasToken(r.Header, "Connection", "upgrade"),
		r.Header.Get("Sec-WebSocket-Version") != "13":
		return http.StatusUpgradeRequired
	case r.Method != http.MethodGet || err != nil || len(key) != 16:
		return http.StatusBadRequest
	}
	return 0
}

// hasToken reports whether comma-separated header values contain a token.
func hasToken(h http.Header, name, token string) bool {
	for _, value := range h.Values(name) {
		for item := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(item), token) {
				return true
			}
		}
	}
	return false
}

// connect decides about a handshake: throttling, then the authorizer, then
// $connect's integration. It returns the subprotocol that the integration chose. If
// one of them refuses, connect writes the answer: the integration's own status, 502
// if it failed, and 504 if it timed out.
func (g *Gateway) connect(c *connection, w http.ResponseWriter, r *http.Request) (protocol string, ok bool) {
	route := g.cfg.Routes[routeConnect]
	e := g.connectEvent(c, r)
	if refused := g.guard(c, route, e, r); refused != nil {
		g.refused(r, refused.status, refused.reason)
		writeJSON(w, refused.status, notice(refused.message, e))
		return "", false
	}
	if route.Target == nil {
		return "", true
	}
	e.RequestContext.Authorizer = c.authorizer
	if fault := g.cfg.Faults.At(faults.Point{
		Service: service, Operation: routeConnect, Function: route.Function, Resource: c.id,
	}); fault.EarlyDisconnect {
		g.abandon(c, route, e, fault, w)
		return "", false
	}
	answer, err := g.invoke(route, e)
	if err != nil {
		g.logFailure(route, c, err)
		status, text := http.StatusBadGateway, "Internal server error"
		if errors.Is(err, errTimeout) {
			status, text = http.StatusGatewayTimeout, "Endpoint request timed out"
		}
		g.refused(r, status, err.Error())
		writeJSON(w, status, notice(text, e))
		return "", false
	}
	if answer.status >= 300 {
		g.refused(r, answer.status, answer.reason())
		w.WriteHeader(answer.status)
		return "", false
	}
	return answer.headers["sec-websocket-protocol"], true
}

// guard returns why $connect's integration does not run for a handshake, or nil.
func (g *Gateway) guard(c *connection, route Route, connect event, r *http.Request) (refused *refusal) {
	if g.throttled(route) {
		return &refusal{http.StatusTooManyRequests, "Too Many Requests", "the API or the account has reached its request limit"}
	}
	if route.IAM {
		if _, denied := g.authorize(r, nil, ActionInvoke, routeConnect); denied != nil {
			return &refusal{denied.Status, denied.Message, denied.Message}
		}
	}
	if route.Authorizer != nil {
		c.authorizer, refused = g.admit(c, route.Authorizer, connect, r)
	}
	return refused
}

// refused calls the configured hook for a refused handshake.
func (g *Gateway) refused(r *http.Request, status int, reason string) {
	if g.cfg.Refused != nil {
		g.cfg.Refused(r, status, reason)
	}
}

// reason returns why a $connect integration refused a handshake: the message in its
// body, if there is one.
func (r response) reason() string {
	var body struct {
		Message string `json:"message"`
	}
	if json.Unmarshal([]byte(r.body), &body) == nil && body.Message != "" {
		return body.Message
	}
	return fmt.Sprintf("the function behind $connect returned status %d", r.status)
}

// accept returns the answer that completes a handshake.
func accept(key, protocol string) []byte {
	// RFC 6455 prescribes the constant and the hash. They prove that the server
	// speaks WebSocket, and authenticate nothing.
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	answer := fmt.Sprintf("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	if protocol != "" {
		// Line breaks would let an integration write other headers.
		answer += "Sec-WebSocket-Protocol: " + strings.NewReplacer("\r", "", "\n", "").Replace(protocol) + "\r\n"
	}
	return []byte(answer + "\r\n")
}

// buffered returns a copy of what the server has read after the request.
func buffered(r *bufio.Reader) []byte {
	early, _ := r.Peek(r.Buffered()) // buffered data can be peeked at
	return append([]byte(nil), early...)
}

// remoteIP returns the address of the TCP connection's peer.
func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return strings.Clone(host)
}
