package attacks_test

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblyedit"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token/tokentest"
	"github.com/roomcast/roomcast/roomcasttest"
)

// The issuer and the audience of the provider's tokens.
const (
	issuer   = "https://provider.example/"
	audience = "chat"
)

// provider is an identity provider with a single key.
type provider struct {
	*tokentest.Provider
	key *rsa.PrivateKey
}

// newProvider starts a provider that publishes a new key under an id.
func newProvider(t *testing.T, id string) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return &provider{tokentest.NewProvider(t, tokentest.Public(t, id, key)), key}
}

// ofProvider returns claims of its tokens, with changes.
func ofProvider(user string, changes ...object) object {
	return claims(user, append([]object{{"iss": issuer, "aud": audience}}, changes...)...)
}

// trusting runs the stack with an authorizer that accepts the provider's
// tokens: its function gets the environment that JwtAuthorizer sets for a
// JwksUrl.
func trusting(t *testing.T, p *provider) *roomcasttest.Stack {
	t.Helper()
	dir := t.TempDir()
	err := assemblyedit.Copy(assembly, dir, func(resources map[string]any) error {
		for _, r := range resources {
			variables := assemblyedit.Variables(r)
			if _, ok := variables[settings.AuthSecretARN]; !ok {
				continue
			}
			delete(variables, settings.AuthSecretARN)
			maps.Copy(variables, object{
				settings.AuthJWKSURL: p.URL, settings.AuthIssuer: issuer,
				settings.AuthAudience: audience, settings.AuthAlgorithms: "RS256",
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	stack := roomcasttest.Run(t, dir)
	t.Cleanup(func() { checkLogs(t, stack, whisper) })
	return stack
}
