package gateway

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// A Gateway serves one WebSocket API. It is an http.Handler for two kinds of paths:
// /<stage> upgrades to a WebSocket, and /<stage>/@connections/<id> is the API with
// which a backend reaches a connection. It does not listen itself.
type Gateway struct {
	cfg       Config
	selection selection
	conns     registry

	// ctx ends all invocations and the sweeper when the gateway closes.
	ctx    context.Context
	cancel context.CancelFunc
	// running counts the goroutines that Close waits for.
	running sync.WaitGroup
}

// New returns a gateway for an API. It fails if cfg violates AWS's rules, or has an
// unsupported route selection expression. Close ends its connections.
func New(cfg Config) (*Gateway, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	sel, err := parseSelection(cfg.RouteSelection)
	if err != nil {
		return nil, fmt.Errorf("gateway: invalid route selection expression %q: %w", cfg.RouteSelection, err)
	}
	g := &Gateway{cfg: cfg, selection: sel, conns: newRegistry()}
	g.ctx, g.cancel = context.WithCancel(context.Background())
	g.running.Go(g.sweep)
	return g, nil
}

// ServeHTTP answers handshakes and @connections commands, and 403 on any other
// path.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// The path is split in its escaped form: connection IDs contain '=', and most
	// SDKs escape it and the '@'.
	rest, ok := strings.CutPrefix(r.URL.EscapedPath(), "/"+g.cfg.Stage)
	command, isCommand := strings.CutPrefix(strings.Replace(rest, "%40", "@", 1), "/@connections/")
	switch {
	case ok && (rest == "" || rest == "/"):
		g.serveHandshake(w, r)
	case ok && isCommand && command != "":
		id, err := url.PathUnescape(command)
		if err != nil {
			writeError(w, http.StatusBadRequest, "BadRequestException", "Invalid connectionId: "+command)
			return
		}
		g.serveCommand(w, r, id)
	default:
		writeNoRoute(w, r)
	}
}

// Close closes every connection with 1001 and cancels all invocations. It waits,
// for a few seconds at most, until clients and invocations have ended. $disconnect
// does not run for these connections. A closed gateway answers handshakes with 503,
// and 410 for every connection. Further calls wait for the same.
func (g *Gateway) Close() {
	for _, c := range g.conns.close() {
		_, _ = c.shut(goingAway)
	}
	g.cancel()
	g.running.Wait()
}
