package apigateway

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// connections is the path of the @connections API.
const connections = "/@connections/"

// stage is the address of a stage's @connections API.
type stage struct {
	tls     bool
	name    string // host name without a port
	address string // host and port to connect to
	host    string // the Host header
	path    string // up to the connection id, escaped as it is sent
	signed  string // the same path, escaped as it is signed
}

// parseStage reads a callback URL. It ignores a query and a fragment.
func parseStage(callbackURL string) (stage, error) {
	u, err := url.Parse(callbackURL)
	if err != nil {
		return stage{}, fmt.Errorf("invalid callback URL: %w", err)
	}
	var port string
	switch u.Scheme {
	case "https":
		port = "443"
	case "http":
		port = "80"
	}
	if port == "" || u.Hostname() == "" {
		return stage{}, fmt.Errorf("invalid callback URL %q: expected https://HOST/STAGE, such as https://abc123.execute-api.eu-west-1.amazonaws.com/prod", u.Redacted())
	}
	s := stage{
		tls: u.Scheme == "https", name: u.Hostname(), host: u.Host,
		path: strings.TrimSuffix(u.EscapedPath(), "/") + connections,
	}
	switch u.Port() {
	case "":
		s.host = strings.TrimSuffix(u.Host, ":")
	case port: // clients send and sign the host without the default port
		s.host = strings.TrimSuffix(u.Host, ":"+port)
	default:
		port = u.Port()
	}
	s.address = net.JoinHostPort(s.name, port)
	var signed []byte
	for i, part := range strings.Split(s.path, "/") {
		if i > 0 {
			signed = append(signed, '/')
		}
		signed = appendEscaped(signed, part)
	}
	s.signed = string(signed)
	return s, nil
}
