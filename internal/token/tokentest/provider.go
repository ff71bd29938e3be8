// Package tokentest has what tests of tokens share: a provider of keys, and
// tokens that are signed as a test says, valid or forged.
package tokentest

import (
	"crypto"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/MicahParks/jwkset"
)

// Provider stands in for an identity provider: it publishes keys at its URL,
// and counts requests.
type Provider struct {
	*httptest.Server
	asked  atomic.Int64
	answer atomic.Pointer[http.HandlerFunc]
}

// NewProvider starts a provider of these keys, until the test ends.
func NewProvider(t testing.TB, keys ...jwkset.JWKMarshal) *Provider {
	t.Helper()
	p := &Provider{}
	p.Publish(t, keys...)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		(*p.answer.Load())(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// Asked returns the number of requests.
func (p *Provider) Asked() int64 { return p.asked.Load() }

// Publish makes it answer with other keys.
func (p *Provider) Publish(t testing.TB, keys ...jwkset.JWKMarshal) {
	t.Helper()
	data := KeySet(t, keys...)
	p.Answer(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
}

// Answer sets its answer.
func (p *Provider) Answer(h http.HandlerFunc) { p.answer.Store(&h) }

// KeySet returns a provider's answer.
func KeySet(t testing.TB, keys ...jwkset.JWKMarshal) []byte {
	t.Helper()
	data, err := json.Marshal(jwkset.JWKSMarshal{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Public returns the JSON web key of a private key, as a provider publishes it.
func Public(t testing.TB, id string, private crypto.Signer) jwkset.JWKMarshal {
	t.Helper()
	k, err := jwkset.NewJWKFromKey(private.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: id, USE: jwkset.UseSig}})
	if err != nil {
		t.Fatal(err)
	}
	return k.Marshal()
}
