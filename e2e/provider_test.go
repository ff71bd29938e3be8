package e2e_test

import (
	"maps"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblyedit"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcasttest"
)

// An app whose tokens come from Auth0 runs with the provider of a test instead.
func TestProvider(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	err := assemblyedit.Copy(guarded, dir, func(resources map[string]any) error {
		for _, r := range resources {
			variables := assemblyedit.Variables(r)
			if _, ok := variables[settings.AuthSecretARN]; !ok {
				continue
			}
			delete(variables, settings.AuthSecretARN)
			maps.Copy(variables, object{
				settings.AuthJWKSURL: "https://example.eu.auth0.com/.well-known/jwks.json", settings.AuthIssuer: "https://example.eu.auth0.com/",
				settings.AuthAudience: "chat", settings.AuthAlgorithms: "ES256",
			})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	provider, stranger := roomcasttest.NewIdentityProvider(t), roomcasttest.NewIdentityProvider(t)
	stack := roomcasttest.Run(t, dir, roomcasttest.WithIdentityProvider(provider))

	ada := stack.MustDial(t, roomcasttest.WithToken(provider.Token(t, "ada")), roomcasttest.WithRoom("lobby"))
	ada.Send(object{"action": "sendMessage", "message": "hello"})
	if m := ada.Await("message"); m.Text("userId") != "ada" {
		t.Errorf("the message is %v", m)
	}
	for name, token := range map[string]string{
		"another provider": stranger.Token(t, "ada"),
		"another audience": provider.Token(t, "ada", object{"aud": "other"}),
		"no issuer":        provider.Token(t, "ada", object{"iss": nil}),
	} {
		if _, response, err := stack.Dial(t, roomcasttest.WithToken(token), roomcasttest.WithRoom("lobby")); err == nil || response.StatusCode != 403 && response.StatusCode != 401 {
			t.Errorf("%s: connected, or %v", name, err)
		}
	}
}

// The template in an app's test is the one that CI compares.
func TestSnapshotOfThisApp(t *testing.T) {
	t.Parallel()
	roomcasttest.Snapshot(t, "..", "../testdata/RealtimeStack.template.json")
}
