package loopback

import (
	"net/http/httptest"
	"testing"
)

func TestWhoAsks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, host, origin, site string
		named, same              bool
	}{
		{"curl", "127.0.0.1:8080", "", "", true, true},
		{"by name", "localhost:8080", "", "", true, true},
		{"IPv6", "[::1]:8080", "", "", true, true},
		{"without a port", "127.0.0.1", "", "", true, true},
		{"the page itself", "localhost:8080", "http://localhost:8080", "same-origin", true, true},
		{"the page itself, a GET", "localhost:8080", "", "same-origin", true, true},
		{"the address bar", "localhost:8080", "", "none", true, true},
		{"a name of the internet that leads here", "rebound.example:8080", "", "same-origin", false, false},
		{"an address of the network", "192.0.2.1:8080", "", "", false, false},
		{"a page of the internet", "127.0.0.1:8080", "https://evil.example", "cross-site", true, false},
		{"a page of the internet, a GET", "127.0.0.1:8080", "", "cross-site", true, false},
		{"a page of another port", "localhost:8080", "http://localhost:3000", "same-site", true, false},
		{"a page of another port, an old browser", "localhost:8080", "http://localhost:3000", "", true, false},
		{"a page of a file", "localhost:8080", "null", "cross-site", true, false},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = c.host
		for name, value := range map[string]string{"Origin": c.origin, "Sec-Fetch-Site": c.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if named, same := Named(r), SameOrigin(r); named != c.named || same != c.same {
			t.Errorf("%s: named %v and of the same origin %v, want %v and %v", c.name, named, same, c.named, c.same)
		}
	}
}
