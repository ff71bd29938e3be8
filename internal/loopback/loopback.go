// Package loopback distinguishes requests that were meant for this machine from
// those that another site led here.
package loopback

import (
	"net"
	"net/http"
)

// Named reports whether a request names this machine. A page on the internet
// can make its own name resolve to this machine (DNS rebinding), so that the
// browser lets it read the answer; that name is then in the request.
func Named(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// SameOrigin reports whether a request names this machine and does not come
// from a page of another origin: it comes from a page of this server, or from
// no page.
func SameOrigin(r *http.Request) bool {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	return Named(r) && (origin == "" || origin == "http://"+r.Host) && (site == "" || site == "same-origin" || site == "none")
}
