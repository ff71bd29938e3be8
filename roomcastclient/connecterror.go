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
	// hintAfter is how many attempts to connect fail in a row before errors hint
	// at the set-up.
	hintAfter = 3
	// hintAgain is after how many more attempts a program without OnError is
	// reminded in its log.
	logEvery = 50
)

// ConnectError is why an attempt to connect failed. [Options.OnError] is given one
// for each. The client goes on trying, whatever it says: what is wrong may be put
// right while the program runs. No field holds the token, or the URL's query.
type ConnectError struct {
	// Host is where the attempt went, "" where there was no URL.
	Host string
	// Status is the HTTP status with which the handshake was refused, 0 where
	// there was no answer.
	Status int
	// Reason is what the answer's body says, in one line; "" for nothing.
	Reason string
	// Attempts counts the attempts that failed since there was a connection, this
	// one included.
	Attempts int
	// Hint says what is wrong with the set-up, probably, and what to do. It is ""
	// for the first two attempts, and where nothing is known.
	Hint string

	err      error
	settings bool // the URL cannot be right
	hasToken bool // a token was given
}

// Error returns all of it in one line.
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

// Unwrap returns the error of the network, of Options.URL or of Options.Token.
func (e *ConnectError) Unwrap() error { return e.err }

func (e *ConnectError) code() Code { return CodeConnectFailed }

// refuse takes in that an attempt to connect failed. A set-up that is wrong is
// never tried for ever without a word: a program without OnError finds it in its
// log. With c.mu held.
func (c *Client) connectFailed(err *ConnectError) {
	c.failedConnects++
	err.Attempts = c.failedConnects
	if c.failedConnects >= hintAfter {
		err.Hint = err.hint()
	}
	c.failure = err
	c.fail(err)
	c.logFailure(c.failedConnects, "roomcast: cannot connect, and tries again")
}

// noteLoss takes in that the connection in use was lost. A server that accepts
// connections only to close them is not what it is taken for. With c.mu held.
func (c *Client) noteShortLived(conn *connection) {
	if c.wasSteady(conn) {
		c.shortLived = 0
		return
	}
	c.shortLived++
	c.logFailure(c.shortLived, "roomcast: connections are lost as soon as they are made; compare Options.URL with the stack's output")
}

// warn writes to the log of a program without OnError what went wrong for some
// times in a row, now and then. With c.mu held.
func (c *Client) logFailure(times int, text string) {
	if c.opts.OnError == nil && times%logEvery == hintAfter {
		slog.Warn(text, "attempts", times, "error", c.failure)
	}
}

// hint says what is wrong with the set-up, probably.
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
		return "the stack wants a token: set Options.Token"
	case e.Status == http.StatusUnauthorized:
		return "the stack does not take the token of Options.Token: compare its signature, exp, iss and aud with the stack's authorizer, and the URL with the API it is for"
	case e.Status/100 == 3:
		return "give Options.URL the address that it redirects to, if you trust it"
	case e.Status/100 == 2, e.Status/100 == 4:
		return "Options.URL is no WebSocket API, or lacks the stage: give it the stack's WebSocket URL, wss://HOST/STAGE"
	case e.settings:
		return "correct Options.URL"
	case errors.As(e.err, &dns) && dns.IsNotFound:
		return "no such host: compare the API's id and Region in Options.URL with the stack's output"
	case errors.Is(e.err, syscall.ECONNREFUSED):
		return "nothing listens there: start the stack, or compare the port in Options.URL with the one that it prints"
	case errors.As(e.err, &record), errors.Is(e.err, http.ErrSchemeMismatch):
		return "the server does not speak TLS: give Options.URL the scheme ws for a stack on this machine"
	case errors.As(e.err, &hostname):
		return "the certificate is of another host: compare the host in Options.URL with the stack's output"
	case errors.As(e.err, &unknown), errors.As(e.err, &verify):
		return "the certificate is not trusted here: install its authority, or give Options.HTTPClient one that has it in its RootCAs"
	}
	return ""
}

// statusHints are what is probably wrong, by the status of the answer.
var statusHints = map[int]string{
	http.StatusBadRequest:        "a parameter in the query of Options.URL is missing or malformed: where authentication is open it needs ?userId=NAME",
	http.StatusForbidden:         "Options.URL lacks the stage, as in wss://HOST/STAGE, or names another one; or the token does not permit the room of ?roomId=",
	http.StatusRequestURITooLong: "the URL is too long, perhaps for the token in it: unset Options.TokenInQuery",
	http.StatusTooManyRequests:   "this user or this address has as many connections as it may: close some, or raise the stack's limits",
}
