package local

import (
	"encoding/json"
	"net/http"

	"github.com/roomcast/roomcast/internal/local/usage"
)

// Usage returns what the run would have been billed for since it was ready,
// or since ResetUsage.
func (c *Cloud) Usage() usage.Snapshot { return c.meter.Snapshot() }

// ResetUsage sets what Usage returns to zero.
func (c *Cloud) ResetUsage() { c.meter.Reset() }

// own serves what the cloud has to say about itself, below /_roomcast/ on the
// first API's port. Other paths there are the site's.
func (c *Cloud) own() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_roomcast/usage", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		_ = out.Encode(c.Usage()) // the caller has gone if this fails
	})
	mux.HandleFunc("DELETE /_roomcast/usage", func(w http.ResponseWriter, _ *http.Request) {
		c.ResetUsage()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}
