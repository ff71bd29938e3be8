package roomcasttest

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token/tokentest"
)

// IdentityProvider stands in for Cognito, Auth0 or any OpenID Connect provider:
// it serves its public key on this machine and signs tokens (RS256).
type IdentityProvider struct {
	// JWKSURL is the URL of its key set.
	JWKSURL string
	// Issuer is the iss of its tokens.
	Issuer string
	// Audience is the aud of its tokens.
	Audience string

	key *rsa.PrivateKey
}

// providerKey is the kid of the provider's one key.
const providerKey = "roomcasttest"

// NewIdentityProvider starts an identity provider, which runs until the test
// ends. An app that is run with [WithIdentityProvider] accepts its tokens:
//
//	provider := roomcasttest.NewIdentityProvider(t)
//	stack := roomcasttest.Run(t, ".", roomcasttest.WithIdentityProvider(provider))
//	ada := stack.MustDial(t, roomcasttest.WithToken(provider.Token(t, "ada")))
func NewIdentityProvider(t testing.TB) *IdentityProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("roomcasttest: make the provider's key: %v", err)
	}
	server := tokentest.NewProvider(t, tokentest.Public(t, providerKey, key))
	return &IdentityProvider{
		JWKSURL:  server.URL + "/.well-known/jwks.json",
		Issuer:   server.URL + "/",
		Audience: "roomcasttest",
		key:      key,
	}
}

// Token signs a token for a user, valid for an hour, with the claims sub, iss,
// aud, iat and exp. Further claims add to these or replace them, later ones those
// before: for example the claims that the app's JwtAuthorizer reads, or an "exp"
// in seconds since 1970. A claim whose value is nil is left out.
func (p *IdentityProvider) Token(t testing.TB, userID string, claims ...map[string]any) string {
	t.Helper()
	own := map[string]any{"iss": p.Issuer, "aud": p.Audience}
	all := claimsOf(userID, time.Now(), append([]map[string]any{own}, claims...))
	return tokentest.Sign(t, jwt.SigningMethodRS256, p.key, all, map[string]any{"kid": providerKey})
}

// WithIdentityProvider makes the app accept the tokens of p instead of those of
// the provider that its JwtAuthorizer names by JwksUrl. Run fails if the app has
// no such JwtAuthorizer.
// Default: the provider in the template.
func WithIdentityProvider(p *IdentityProvider) Option {
	return func(c *config) {
		c.provider = true
		for name, value := range map[string]string{
			settings.AuthJWKSURL:    p.JWKSURL,
			settings.AuthIssuer:     p.Issuer,
			settings.AuthAudience:   p.Audience,
			settings.AuthAlgorithms: jwt.SigningMethodRS256.Alg(),
		} {
			WithEnvironment(name, value)(c)
		}
	}
}

// mustAcceptProvider refuses a cloud assembly in which no function accepts the
// tokens of a provider.
func mustAcceptProvider(assembly string) error {
	accepts := false
	err := filepath.WalkDir(assembly, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".template.json") {
			return err
		}
		text, err := os.ReadFile(path)
		accepts = accepts || strings.Contains(string(text), settings.AuthJWKSURL)
		return err
	})
	if err == nil && !accepts {
		err = errors.New("WithIdentityProvider needs an app whose JwtAuthorizer has a JwksUrl: set it, or connect with the tokens of Stack.Token")
	}
	return err
}
