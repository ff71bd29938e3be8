package local

import (
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/roomcast/roomcast/internal/local/gateway"
	"github.com/roomcast/roomcast/internal/local/plan"
	"github.com/roomcast/roomcast/internal/loopback"
)

// apiServer serves one API on its own port: its stages through gateways, and the
// site on the first API's port.
type apiServer struct {
	api      *plan.API
	listener net.Listener
	secure   net.Listener // TLS for functions; nil for none
	server   *http.Server
	gateways map[string]*gateway.Gateway // by stage
	site     http.Handler                // nil for none
	own      *http.ServeMux              // the cloud's own pages; nil for none
	refusals refusals
}

// newAPIServer listens on the port but serves nothing yet.
func newAPIServer(a *plan.API, port int) (*apiServer, error) {
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is in use: stop the process that uses it, or choose another port with --port", port)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on port %d: %w", port, err)
	}
	s := &apiServer{api: a, listener: l, gateways: map[string]*gateway.Gateway{}}
	s.server = &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0), // clients that disconnect during the handshake
	}
	return s, nil
}

// host returns the server's address, 127.0.0.1:PORT.
func (s *apiServer) host() string { return s.listener.Addr().String() }

// serve starts answering. Connections wait until then.
func (s *apiServer) serve() {
	go func() { _ = s.server.Serve(s.listener) }() // until Close
	if s.secure != nil {
		go func() { _ = s.server.ServeTLS(s.secure, "", "") }()
	}
}

// ServeHTTP sends a request to the stage in the first segment of its path.
func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	stage, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if g := s.gateways[stage]; g != nil {
		g.ServeHTTP(w, r)
		return
	}
	if strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		s.refuseStage(w, r, stage)
		return
	}
	if r.Method == http.MethodGet && r.URL.Path == refusalPath && loopback.Named(r) {
		s.refusals.ServeHTTP(w, r)
		return
	}
	if s.own != nil && loopback.Named(r) {
		if h, pattern := s.own.Handler(r); pattern != "" {
			h.ServeHTTP(w, r)
			return
		}
	}
	if s.site != nil {
		s.site.ServeHTTP(w, r)
		return
	}
	forbid(w)
}

// refuseStage refuses a handshake for a stage that the API does not have.
func (s *apiServer) refuseStage(w http.ResponseWriter, r *http.Request, stage string) {
	stages := strings.Join(slices.Sorted(maps.Keys(s.gateways)), ", ")
	s.refusals.add(r, http.StatusForbidden, fmt.Sprintf("unknown stage %q: the API has %s; connect to ws://%s/STAGE", stage, stages, r.Host))
	forbid(w)
}

func forbid(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `{"message":"Forbidden"}`)
}

// Close ends the connections and releases the port.
func (s *apiServer) Close() error {
	for _, g := range s.gateways {
		g.Close()
	}
	// The server knows its listener only after Serve was called.
	err := errors.Join(s.server.Close(), s.listener.Close())
	if s.secure != nil {
		err = errors.Join(err, s.secure.Close())
	}
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("close the port of %s: %w", s.api.Label, err)
	}
	return nil
}
