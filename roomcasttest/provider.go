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
	// JwksURL is where its key is.
	JwksURL string
	// Issuer and Audience are the iss and the aud of its tokens.
	Issuer, Audience string

	key *rsa.PrivateKey
}

// providerKey is the kid of the provider's one key.
const providerKey = "roomcasttest"

// Provider starts an identity provider, until the test ends. Run the app with
// WithProvider, and its clients have tokens of this provider:
//
//	provider := roomcasttest.Provider(t)
//	stack := roomcasttest.Run(t, ".", roomcasttest.WithProvider(provider))
//	ada := stack.Connect(t, "token", provider.Token(t, "ada"))
func Provider(t testing.TB) *IdentityProvider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatalf("roomcasttest: make the provider's key: %v", err)
	}
	server := tokentest.NewProvider(t, tokentest.Public(t, providerKey, key))
	return &IdentityProvider{
		JwksURL:  server.URL + "/.well-known/jwks.json",
		Issuer:   server.URL + "/",
		Audience: "roomcasttest",
		key:      key,
	}
}

// Token signs a token for a user. It has the claims sub, iss, aud, iat and exp,
// and holds for an hour. Claims are laid over these, the later ones over the
// earlier: those that the app's JwtAuthorizer reads by other names, or an "exp"
// in seconds since 1970. A claim that is nil is left out.
func (p *IdentityProvider) Token(t testing.TB, userID string, claims ...map[string]any) string {
	t.Helper()
	own := map[string]any{"iss": p.Issuer, "aud": p.Audience}
	all := claimsOf(userID, time.Now(), append([]map[string]any{own}, claims...))
	return tokentest.Sign(t, jwt.SigningMethodRS256, p.key, all, map[string]any{"kid": providerKey})
}

// WithProvider has the app take the tokens of p instead of those of the
// provider that its JwtAuthorizer names by JwksUrl. Run fails if it names none.
// Default: the provider that the template names.
func WithProvider(p *IdentityProvider) Option {
	return func(c *config) {
		c.provider = true
		for name, value := range map[string]string{
			settings.AuthJWKSURL:    p.JwksURL,
			settings.AuthIssuer:     p.Issuer,
			settings.AuthAudience:   p.Audience,
			settings.AuthAlgorithms: jwt.SigningMethodRS256.Alg(),
		} {
			Environment(name, value)(c)
		}
	}
}

// mustTakeProvider refuses a cloud assembly in which no function takes the
// tokens of a provider.
func mustTakeProvider(assembly string) error {
	takes := false
	err := filepath.WalkDir(assembly, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".template.json") {
			return err
		}
		text, err := os.ReadFile(path)
		takes = takes || strings.Contains(string(text), settings.AuthJWKSURL)
		return err
	})
	if err == nil && !takes {
		err = errors.New("WithProvider needs an app whose JwtAuthorizer has a JwksUrl: give it one, or connect with the tokens of Stack.Token")
	}
	return err
}
