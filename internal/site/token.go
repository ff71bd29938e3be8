package site

import (
	"io"
	"net/http"

	"github.com/roomcast/roomcast/internal/loopback"
	"github.com/roomcast/roomcast/internal/protocol"
)

// TokenPath is where the site returns a token, as text, for the user in the
// query's userId. It stands in for the login of an application: any process on
// this machine can get a token for any name.
const TokenPath = "/_roomcast/token"

// token returns a token, except to a page of another origin in a browser on
// this machine.
func (s *Site) token(w http.ResponseWriter, r *http.Request) {
	stack := s.stack.Load()
	if stack == nil || stack.Mint == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	if !loopback.SameOrigin(r) {
		http.Error(w, "a token is only for this machine and for pages of this origin: have your dev server proxy /_roomcast to this address, "+
			"fetch the token by a path without a host, and open the page by localhost", http.StatusForbidden)
		return
	}
	userID := r.URL.Query().Get("userId")
	if err := protocol.CheckUserID("userId", userID); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	token, err := stack.Mint(userID)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, token) // if this fails, the caller has gone
}
