package local

import (
	"encoding/json"
	"net/http"

	"github.com/roomcast/roomcast/internal/local/usage"
)

// Usage returns what AWS would bill for the run since it was ready, or since
// ResetUsage.
func (c *Cloud) Usage() usage.Snapshot { return c.meter.Snapshot() }

// ResetUsage resets Usage to zero.
func (c *Cloud) ResetUsage() { c.meter.Reset() }

// own returns the cloud's own pages, below /_roomcast/ on the first API's port.
// Other paths there belong to the site.
func (c *Cloud) own() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_roomcast/usage", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		_ = out.Encode(c.Usage()) // it fails only if the client has disconnected
	})
	mux.HandleFunc("DELETE /_roomcast/usage", func(w http.ResponseWriter, _ *http.Request) {
		c.ResetUsage()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}
