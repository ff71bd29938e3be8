// Package site builds the demo page and serves it with a local run.
package site

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/roomcast/roomcast/client"
	"github.com/roomcast/roomcast/internal/npm"
	"github.com/roomcast/roomcast/web"
)

// Build returns the folder of the built demo page. The sources are embedded in
// this binary, so it works outside a checkout too. The page is built once for
// each content of the sources and kept in the user's cache.
func Build(ctx context.Context, progress func(format string, args ...any)) (string, error) {
	return npm.Project{
		Name:    "demo-page",
		Label:   "the demo page",
		Sources: map[string]fs.FS{"web": web.Source, "client": client.Source},
		Dir:     "web",
		Script:  "build",
		Keep:    "web/dist",
	}.Ensure(ctx, progress)
}

// Site serves a folder of static files, and under /_roomcast/ what the page
// needs from the run: config.json, and a token if one is required.
type Site struct {
	mux   *http.ServeMux
	stack atomic.Pointer[Stack] // nil while it starts
}

// Stack is what a page has to know about its stack.
type Stack struct {
	// WebSocketURL is the API that the page connects to. Required.
	WebSocketURL string
	// Mint returns a token for a user, if the stack requires one and this run can
	// make it. Default: the page names its user itself.
	Mint func(userID string) (token string, err error)
}

// New returns a Site of the files in dir. If dir is "", it has no page and
// serves only what a page of another server, such as a dev server, needs from
// the run.
func New(dir string) *Site {
	s := &Site{mux: http.NewServeMux()}
	if dir == "" {
		s.mux.HandleFunc("GET /", noPage)
	} else {
		s.mux.Handle("GET /", http.FileServerFS(os.DirFS(dir)))
	}
	s.mux.HandleFunc("GET /_roomcast/config.json", s.config)
	s.mux.HandleFunc("GET "+TokenPath, s.token)
	return s
}

// SetStack sets the page's stack. Until then requests for the page's
// configuration are answered with 503.
func (s *Site) SetStack(stack Stack) { s.stack.Store(&stack) }

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// noPage answers as API Gateway does on a path that is not a stage.
func noPage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `{"message":"Forbidden"}`)
}

func (s *Site) config(w http.ResponseWriter, _ *http.Request) {
	stack := s.stack.Load()
	if stack == nil {
		http.Error(w, "the stack is still starting: try again in a moment", http.StatusServiceUnavailable)
		return
	}
	auth := "open"
	if stack.Mint != nil {
		auth = "token"
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]string{"webSocketUrl": stack.WebSocketURL, "auth": auth})
}
