package apigateway

import (
	"fmt"
	"net"
	"net/url"
	"strings"
)

// connections is the resource of all connections.
const connections = "/@connections/"

// stage is where the connections of a stage are posted to.
type stage struct {
	tls     bool
	name    string // of the host, without a port
	address string // host and port to connect to
	host    string // as the Host header has it
	path    string // up to the connection id, escaped as it is sent
	signed  string // the same, escaped as it is signed
}

// parseStage reads a callback URL. A query and a fragment count for nothing.
func parseStage(callbackURL string) (stage, error) {
	u, err := url.Parse(callbackURL)
	if err != nil {
		return stage{}, fmt.Errorf("the callback URL cannot be understood: %w", err)
	}
	var port string
	switch u.Scheme {
	case "https":
		port = "443"
	case "http":
		port = "80"
	}
	if port == "" || u.Hostname() == "" {
		return stage{}, fmt.Errorf("the callback URL %q is none: use one such as https://abc123.execute-api.eu-west-1.amazonaws.com/prod", u.Redacted())
	}
	s := stage{
		tls: u.Scheme == "https", name: u.Hostname(), host: u.Host,
		path: strings.TrimSuffix(u.EscapedPath(), "/") + connections,
	}
	switch u.Port() {
	case "":
		s.host = strings.TrimSuffix(u.Host, ":")
	case port: // clients leave it out, and sign without it
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
