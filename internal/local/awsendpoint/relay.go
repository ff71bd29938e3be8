package awsendpoint

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// KeySets is the service name, in faults, of token providers' key sets (JSON Web
// Key Sets).
const KeySets = "jwks"

// relayPath is the path prefix of addresses outside.
const relayPath = "/_roomcast/" + KeySets + "/"

// relayed is an address outside that a function fetches through the endpoint.
type relayed struct{ function, address string }

// RelayKeySet returns a URL at which a function fetches a key set through the
// endpoint, so that faults can block it. The URL has a random part that only that
// function knows.
func (ep *Endpoint) RelayKeySet(function, address string) string {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	id := rand.Text()
	ep.relays[id] = relayed{function, address}
	return ep.URL() + relayPath + id
}

// relay fetches a key set for a function.
func (ep *Endpoint) relay(w http.ResponseWriter, r *http.Request) {
	ep.mu.Lock()
	to, ok := ep.relays[strings.TrimPrefix(r.URL.Path, relayPath)]
	ep.mu.Unlock()
	if !ok || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	ep.serve(call{
		service: KeySets, operation: http.MethodGet, function: to.function,
		address: to.address, resources: []string{to.address},
	}, w, r)
}

// fetch fetches the call's address. It returns redirects to the caller.
func (ep *Endpoint) fetch(c call, r *http.Request) (*http.Response, error) {
	out, err := http.NewRequestWithContext(r.Context(), http.MethodGet, c.address, nil)
	if err != nil {
		return nil, err
	}
	return ep.outside.RoundTrip(out)
}
