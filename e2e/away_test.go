package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/coder/websocket"
	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblyedit"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
	"github.com/roomcast/roomcast/internal/token/tokentest"
	"github.com/roomcast/roomcast/roomcasttest"
)

// While the secret or the keys are unavailable, a valid token is never refused
// as invalid: the handshake fails with a server error, and succeeds later. A
// function that has the keys does not fetch them.
func TestWhatTokensAreCheckedWithIsAway(t *testing.T) {
	t.Parallel()
	const authorizer = "Auth"
	away := func(t *testing.T, stack *roomcasttest.Stack, service, token string) {
		t.Helper()
		answered := func() int {
			t.Helper()
			conn, response, err := websocket.Dial(t.Context(), stack.WebSocketURL(), &websocket.DialOptions{Subprotocols: []string{"roomcast", token}})
			if err == nil {
				conn.CloseNow()
			}
			if response == nil {
				t.Fatal(err)
			}
			return response.StatusCode
		}
		for _, fault := range []roomcasttest.Fault{
			{Service: service, Function: authorizer, Status: 503},
			{Service: service, Function: authorizer, Reset: true},
			{Service: service, Function: authorizer, Latency: time.Minute},
		} {
			injected := stack.Inject(t, fault)
			roomcasttest.Eventually(t, "the authorizer asks again", func() bool { // which it does once a second
				if status := answered(); status < 500 {
					t.Errorf("%+v: the handshake is answered %d", fault, status)
				}
				return injected.Count() > 0
			})
			injected.Remove()
		}
		roomcasttest.Eventually(t, "a handshake succeeds", func() bool { return answered() == http.StatusSwitchingProtocols })
		gone := stack.Inject(t, roomcasttest.Fault{Service: service, Status: 503})
		if status := answered(); status != http.StatusSwitchingProtocols || gone.Count() > 0 {
			t.Errorf("with keys at hand the handshake is answered %d, and %d calls were made", status, gone.Count())
		}
	}

	t.Run("secret", func(t *testing.T) {
		t.Parallel()
		stack := roomcasttest.Run(t, guarded)
		arn := stack.Output("AuthSecretArn")
		secret, err := secretsmanager.NewFromConfig(stack.Config()).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn})
		if err != nil {
			t.Fatal(err)
		}
		good, err := token.Mint(*secret.SecretString, claims("ada", time.Hour, "lobby"))
		if err != nil {
			t.Fatal(err)
		}
		away(t, stack, "secretsmanager", good)
	})
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		provider := tokentest.NewProvider(t, tokentest.Public(t, "one", key))
		c := claims("ada", time.Hour, "lobby")
		c["iss"], c["aud"] = "https://issuer.example/", "chat"
		good := tokentest.Sign(t, jwt.SigningMethodES256, key, c, object{"kid": "one"})
		away(t, roomcasttest.Run(t, trusting(t, provider.URL)), "jwks", good)
	})
}

// trusting returns Roomcast's own app with functions that trust the keys at a
// URL.
func trusting(t *testing.T, keys string) string {
	t.Helper()
	dir := t.TempDir()
	err := assemblyedit.Copy(guarded, dir, func(resources map[string]any) error {
		for _, r := range resources {
			if variables := assemblyedit.Variables(r); variables[settings.AuthSecretARN] != nil {
				delete(variables, settings.AuthSecretARN)
				variables[settings.AuthJWKSURL], variables[settings.AuthAlgorithms] = keys, "ES256"
				variables[settings.AuthIssuer], variables[settings.AuthAudience] = "https://issuer.example/", "chat"
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
