package roomcastclient

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// reasonTimeout is how long the local gateway may take to say why.
const reasonTimeout = 2 * time.Second

// localReason asks the gateway of `roomcast up` why it refused a handshake: as on
// AWS, the response itself does not say. It returns "" if the server is another
// one.
func (c *Client) localReason(ctx context.Context, target *url.URL) string {
	if !isLoopback(target.Hostname()) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, reasonTimeout)
	defer cancel()
	ask := url.URL{Scheme: "http", Host: target.Host, Path: "/_roomcast/refusal", RawQuery: url.Values{"path": {target.Path}}.Encode()}
	if target.Scheme == "wss" || target.Scheme == "https" {
		ask.Scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, ask.String(), nil)
	if err != nil {
		return ""
	}
	response, err := withoutRedirects(c.opts.HTTPClient).Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var said struct{ Reason string }
	if response.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(response.Body, 4096)).Decode(&said) != nil {
		return ""
	}
	return printable(said.Reason)
}

// isLoopback reports whether a host name stands for this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
