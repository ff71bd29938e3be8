package roomcastclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
)

const (
	// hintAfter is the number of failed attempts in a row from which on errors
	// have a hint.
	hintAfter = 3
	// logEvery is the number of further attempts after which a program without
	// OnError finds another warning in its log.
	logEvery = 50
)

// ConnectError is why an attempt to connect failed. [Options.OnError] receives one
// for each. The client continues to try, whatever the error, because the cause may
// be fixed while the program runs. No field holds the token or the query of the
// URL.
type ConnectError struct {
	// Host is the host of the URL, "" if there was no URL.
	Host string
	// Status is the HTTP status with which the server refused the handshake, 0 if
	// there was no response.
	Status int
	// Reason is what the response says in one line, "" if it says nothing.
	Reason string
	// Attempts is the number of attempts that failed since the last connection,
	// this one included.
	Attempts int
	// Hint says what is probably wrong with the configuration and what to do. It
	// is "" for the first two attempts, and if nothing is known.
	Hint string

	err      error
	badURL   bool // the URL is invalid
	hasToken bool // the handshake had a token
}

// Error returns the whole error in one line.
func (e *ConnectError) Error() string {
	text := "roomcast: connect"
	if e.Host != "" {
		text += " to " + e.Host
	}
	if e.Status == 0 {
		text += ": " + e.err.Error()
	} else {
		text += fmt.Sprintf(": %d %s", e.Status, http.StatusText(e.Status))
	}
	if e.Reason != "" && e.Reason != http.StatusText(e.Status) {
		text += ": " + e.Reason
	}
	if e.Hint != "" {
		text += fmt.Sprintf(" (failed %d times in a row: %s)", e.Attempts, e.Hint)
	}
	return text
}

// Unwrap returns the error of the network, of Options.URLFunc or of Options.Token.
func (e *ConnectError) Unwrap() error { return e.err }

func (e *ConnectError) code() Code { return CodeConnectFailed }

// connectFailed handles a failed attempt to connect. The caller holds c.mu.
func (c *Client) connectFailed(err *ConnectError) {
	c.failedConnects++
	err.Attempts = c.failedConnects
	if c.failedConnects >= hintAfter {
		err.Hint = err.hint()
	}
	c.failure = err
	c.fail(err)
	c.logFailure(c.failedConnects, "roomcast: cannot connect; trying again")
}

// noteShortLived handles the loss of the connection in use. A server that closes
// connections as soon as it has accepted them is probably not the intended one.
// The caller holds c.mu.
func (c *Client) noteShortLived(conn *connection) {
	if c.wasSteady(conn) {
		c.shortLived = 0
		return
	}
	c.shortLived++
	c.logFailure(c.shortLived, "roomcast: connections are lost right after they open; compare Options.URL with the stack's output")
}

// logFailure logs a failure that happens again and again, now and then, if the
// program has no OnError. The caller holds c.mu.
func (c *Client) logFailure(times int, text string) {
	if c.opts.OnError == nil && times%logEvery == hintAfter {
		failure := c.failure
		c.emit(func() { slog.Warn(text, "attempts", times, "error", failure) }) // its handler may block
	}
}

// hint says what is probably wrong with the configuration.
func (e *ConnectError) hint() string {
	if hint, ok := statusHints[e.Status]; ok {
		return hint
	}
	var (
		dns      *net.DNSError
		record   tls.RecordHeaderError
		verify   *tls.CertificateVerificationError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
	)
	switch {
	case e.Status == http.StatusUnauthorized && !e.hasToken:
		return "the stack requires a token: set Options.Token"
	case e.Status == http.StatusUnauthorized:
		return "the stack rejects the token of Options.Token: compare its signature, exp, iss and aud with the stack's authorizer, and the URL with the API that it is for"
	case e.Status == http.StatusBadRequest && !e.hasToken:
		return "a parameter in the query of Options.URL is missing or malformed: with open authentication, set Options.UserID"
	case e.Status == http.StatusBadRequest:
		return "a parameter in the query of Options.URL is malformed: correct or remove it"
	case e.Status/100 == 3:
		return "set Options.URL to the address that it redirects to, if you trust it"
	case e.Status/100 == 2, e.Status/100 == 4:
		return "Options.URL is not a WebSocket API, or lacks the stage: set it to the stack's WebSocket URL, wss://HOST/STAGE"
	case e.badURL:
		return "correct what Options.URLFunc returns"
	case errors.As(e.err, &dns) && dns.IsNotFound:
		return "no such host: compare the API's id and Region in Options.URL with the stack's output"
	case errors.Is(e.err, syscall.ECONNREFUSED):
		return "nothing listens there: start the stack, or compare the port in Options.URL with the one it prints"
	case errors.As(e.err, &record), errors.Is(e.err, http.ErrSchemeMismatch):
		return "the server does not use TLS: give Options.URL the scheme ws for a stack on this machine"
	case errors.As(e.err, &hostname):
		return "the certificate belongs to another host: compare the host in Options.URL with the stack's output"
	case errors.As(e.err, &unknown), errors.As(e.err, &verify):
		return "the certificate is not trusted here: install its authority, or set Options.HTTPClient to a client that has it in RootCAs"
	}
	return ""
}

// statusHints says what is probably wrong, by the status of the response.
var statusHints = map[int]string{
	http.StatusForbidden:         "Options.URL lacks the stage, as in wss://HOST/STAGE, or names another one; or the token does not permit the room of ?roomId=",
	http.StatusRequestURITooLong: "the URL is too long, perhaps because of the token in it: unset Options.TokenInQuery",
	http.StatusTooManyRequests:   "this user or this address has reached its limit of connections: close some, or raise the stack's limits",
}
