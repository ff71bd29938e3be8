// Package loopback tells requests that were made for this machine from those
// that only came here.
package loopback

import (
	"net"
	"net/http"
)

// Named says whether a request was made for this machine by its own name.
// A page on the internet can make a name of its own lead here; then the
// browser lets it read the answer, and the name is in the request.
func Named(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// SameOrigin says whether a request was made for this machine by its own name,
// and by no page of another origin: by one of this server, or by no page at all.
func SameOrigin(r *http.Request) bool {
	origin, site := r.Header.Get("Origin"), r.Header.Get("Sec-Fetch-Site")
	return Named(r) && (origin == "" || origin == "http://"+r.Host) && (site == "" || site == "same-origin" || site == "none")
}
