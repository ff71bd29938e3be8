package frontdoor

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// KeySets is what faults know the services as that publish keys for tokens
// (JSON Web Key Sets).
const KeySets = "jwks"

// relayPath begins the path of what the front door fetches from elsewhere.
const relayPath = "/_roomcast/" + KeySets + "/"

// relayed is an address that a function has from the front door.
type relayed struct{ function, address string }

// RelayKeySet returns the URL at which a function gets a key set through the
// front door, so that faults can keep it away. The URL has a random part that
// only that function gets.
func (f *FrontDoor) RelayKeySet(function, address string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	id := rand.Text()
	f.relays[id] = relayed{function, address}
	return f.Endpoint() + relayPath + id
}

// relay fetches a key set for a function.
func (f *FrontDoor) relay(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	to, ok := f.relays[strings.TrimPrefix(r.URL.Path, relayPath)]
	f.mu.Unlock()
	if !ok || r.Method != http.MethodGet {
		http.NotFound(w, r)
		return
	}
	f.serve(call{
		service: KeySets, operation: http.MethodGet, function: to.function,
		address: to.address, resources: []string{to.address},
	}, w, r)
}

// fetch gets what is at the call's address. Redirects are the caller's to judge.
func (f *FrontDoor) fetch(c call, r *http.Request) (*http.Response, error) {
	out, err := http.NewRequestWithContext(r.Context(), http.MethodGet, c.address, nil)
	if err != nil {
		return nil, err
	}
	return f.outside.RoundTrip(out)
}
