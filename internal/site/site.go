// Package site builds the demo page and serves it beside a local run.
package site

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"sync/atomic"

	"github.com/roomcast/roomcast/client"
	"github.com/roomcast/roomcast/internal/npm"
	"github.com/roomcast/roomcast/web"
)

// Build returns the folder of the built demo page. Its sources lie inside
// this binary, so it works outside a checkout too; the page is built once per
// content of the sources and kept in the user's cache.
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

// Site serves a folder of static files, and at /_roomcast/config.json what
// the page has to know of the run that serves it.
type Site struct {
	mux          *http.ServeMux
	webSocketURL atomic.Pointer[string]
}

// New returns a Site of the files in dir.
func New(dir string) *Site {
	s := &Site{mux: http.NewServeMux()}
	s.mux.Handle("GET /", http.FileServerFS(os.DirFS(dir)))
	s.mux.HandleFunc("GET /_roomcast/config.json", s.config)
	return s
}

// SetWebSocketURL says which API the page connects to. Until then the page's
// configuration answers 503.
func (s *Site) SetWebSocketURL(url string) { s.webSocketURL.Store(&url) }

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Site) config(w http.ResponseWriter, _ *http.Request) {
	url := s.webSocketURL.Load()
	if url == nil {
		http.Error(w, "the stack is still starting: try again in a moment", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]string{"webSocketUrl": *url})
}
