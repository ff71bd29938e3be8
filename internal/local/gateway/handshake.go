package gateway

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// serveHandshake decides about a connection and, if $connect agrees, upgrades
// it. The socket leaves net/http here: nothing of the request is kept.
func (g *Gateway) serveHandshake(w http.ResponseWriter, r *http.Request) {
	if !g.conns.enter(&g.running) {
		writeMessage(w, http.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	defer g.running.Done()

	if status := checkHandshake(r); status != 0 {
		w.Header().Set("Sec-WebSocket-Version", "13")
		writeMessage(w, status, http.StatusText(status))
		return
	}
	c := newConnection(g, remoteIP(r), strings.Clone(r.UserAgent()))
	protocol, ok := g.connect(c, w, r)
	if !ok {
		return
	}
	socket, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		g.cfg.Logger.Error("handshake: the server cannot hand over the connection", "error", err)
		writeMessage(w, http.StatusInternalServerError, "Internal server error")
		return
	}
	// The server may have set deadlines for reading the request.
	_ = socket.SetDeadline(time.Time{})
	c.open(socket, accept(r.Header.Get("Sec-WebSocket-Key"), protocol), buffered(rw.Reader))
}

// checkHandshake returns the status that refuses a request which is no
// handshake, 0 when it is one.
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

// hasToken reports whether a header's comma-separated values hold a token.
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

// connect runs $connect, if there is one, and returns the subprotocol that its
// integration picked. When it refuses, connect writes the handshake's answer:
// the integration's own status, 502 when it failed and 504 when it timed out.
func (g *Gateway) connect(c *connection, w http.ResponseWriter, r *http.Request) (protocol string, ok bool) {
	route := g.cfg.Routes[routeConnect]
	if route.Target == nil {
		return "", true
	}
	e := g.connectEvent(c, r)
	answer, err := g.invoke(route, e)
	if err != nil {
		g.logFailure(route, c, err)
		status, message := http.StatusBadGateway, "Internal server error"
		if errors.Is(err, errTimeout) {
			status, message = http.StatusGatewayTimeout, "Endpoint request timed out"
		}
		writeJSON(w, status, notice(message, e))
		return "", false
	}
	if answer.status >= 300 {
		w.WriteHeader(answer.status)
		return "", false
	}
	return answer.headers["sec-websocket-protocol"], true
}

// accept is the answer that completes a handshake.
func accept(key, protocol string) []byte {
	// The constant and the hash are RFC 6455's: they prove that the server
	// speaks WebSocket, not who anybody is.
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	answer := fmt.Sprintf("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Accept: %s\r\n", base64.StdEncoding.EncodeToString(sum[:]))
	if protocol != "" {
		// A line break would let an integration write headers of its own.
		answer += "Sec-WebSocket-Protocol: " + strings.NewReplacer("\r", "", "\n", "").Replace(protocol) + "\r\n"
	}
	return []byte(answer + "\r\n")
}

// buffered returns a copy of what the server has read beyond the request.
func buffered(r *bufio.Reader) []byte {
	early, _ := r.Peek(r.Buffered()) // what is buffered can be peeked at
	return append([]byte(nil), early...)
}

// remoteIP is the address of the TCP connection's peer.
func remoteIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return strings.Clone(host)
}
