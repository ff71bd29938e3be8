package local

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// refusalPath is where a client on this machine can ask why its handshake was
// refused, because browsers do not show it. The query parameter path is the path of
// the handshake. API Gateway has no such path.
const refusalPath = "/_roomcast/refusal"

const (
	// maxRefusals is how many paths are kept.
	maxRefusals = 100
	// refusalAge is how long a refusal is kept.
	refusalAge = time.Minute
)

// refusals keeps the last refused handshake of each path.
type refusals struct {
	mu     sync.Mutex
	byPath map[string]refused
}

type refused struct {
	Status int    `json:"status"`
	Reason string `json:"reason"`
	at     time.Time
}

// add stores a refusal.
func (f *refusals) add(r *http.Request, status int, reason string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.byPath == nil || len(f.byPath) >= maxRefusals {
		f.byPath = map[string]refused{}
	}
	f.byPath[r.URL.Path] = refused{status, reason, time.Now()}
}

// ServeHTTP answers pages of this machine with the last refusal on a path.
func (f *refusals) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if origin := r.Header.Get("Origin"); origin != "" {
		w.Header().Set("Vary", "Origin")
		if !isLocal(origin) {
			http.Error(w, "only pages of this machine may ask", http.StatusForbidden)
			return
		}
		w.Header().Set("Access-Control-Allow-Origin", origin)
	}
	w.Header().Set("Cache-Control", "no-store")
	f.mu.Lock()
	last, ok := f.byPath[r.URL.Query().Get("path")]
	f.mu.Unlock()
	if !ok || time.Since(last.at) > refusalAge {
		http.Error(w, "no handshake was refused on that path", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(last) // it fails only if the client has disconnected
}

// isLocal reports whether an origin is on this machine.
func isLocal(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "127.0.0.1" || host == "::1"
}
