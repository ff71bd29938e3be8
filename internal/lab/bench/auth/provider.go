package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net"
	"net/http"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblyedit"
	"github.com/roomcast/roomcast/internal/settings"
)

// The name of the bench's own provider, of the application that its tokens are
// for, and of its key.
const (
	issuer   = "https://provider.example/"
	audience = "roomcast-bench"
	keyID    = "bench"
)

// Provider signs tokens with a key of its own (RS256), and serves the public
// one on this machine.
type Provider struct {
	key    *rsa.PrivateKey
	server *http.Server
	url    string
}

// StartProvider starts one.
func StartProvider() (*Provider, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("bench auth: make the provider's key: %w", err)
	}
	set, err := json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "RSA", "use": "sig", "alg": "RS256", "kid": keyID,
		"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
		"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
	}}})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("bench auth: start the provider: %w", err)
	}
	p := &Provider{key: key, url: "http://" + listener.Addr().String() + "/jwks.json"}
	p.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(set) // who asked has gone if this fails
	})}
	go func() { _ = p.server.Serve(listener) }() // until Stop
	return p, nil
}

// Stop ends the server.
func (p *Provider) Stop() error { return p.server.Close() }

// Sign signs claims, as the provider.
func (p *Provider) Sign(claims map[string]any) (string, error) {
	all := jwt.MapClaims(maps.Clone(claims))
	all["iss"], all["aud"] = issuer, audience
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, all)
	t.Header["kid"] = keyID
	return t.SignedString(p.key)
}

// Trust makes a copy of a cloud assembly, in the folder to, whose tokens are
// this provider's instead of those signed with the stack's own secret.
func (p *Provider) Trust(from, to string) error {
	changed := 0
	err := assemblyedit.Copy(from, to, func(resources map[string]any) error {
		for _, r := range resources {
			variables := assemblyedit.Variables(r)
			if variables[settings.AuthSecretARN] == nil {
				continue
			}
			delete(variables, settings.AuthSecretARN)
			maps.Copy(variables, map[string]any{
				settings.AuthJWKSURL: p.url, settings.AuthIssuer: issuer, settings.AuthAudience: audience, settings.AuthAlgorithms: "RS256",
			})
			changed++
		}
		return nil
	})
	if err == nil && changed == 0 {
		return errors.New("bench auth: the app takes no tokens that are signed with a secret of its own: run one that holds Roomcast's RealtimeStack with its default Tokens")
	}
	return err
}
