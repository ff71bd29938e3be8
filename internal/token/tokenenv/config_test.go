package tokenenv

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
)

func TestFromEnv(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		settings.AuthJWKSURL: "https://issuer.example/keys", settings.AuthIssuer: "https://issuer.example/",
		settings.AuthAudience: "a,b", settings.AuthAlgorithms: "RS256,ES256",
		settings.AuthUserClaim: "email", settings.AuthPermissionsClaim: "may",
	}
	want := Config{
		JWKSURL: "https://issuer.example/keys", Issuer: "https://issuer.example/", Audience: "a,b",
		Algorithms: "RS256,ES256", UserClaim: "email", PermissionsClaim: "may",
	}
	if c, err := FromEnv(getenv(env)); err != nil || c != want {
		t.Errorf("got %+v, %v, want %+v", c, err, want)
	}
	if _, err := want.Verifier(aws.Config{}, false); err != nil {
		t.Error(err)
	}
	env[settings.AuthSecretARN] = "arn"
	if _, err := FromEnv(getenv(env)); err == nil || !strings.Contains(err.Error(), "leave one out") {
		t.Errorf("a secret and a URL: got %v", err)
	}
	var missing *backend.MissingError
	if _, err := FromEnv(getenv(nil)); !errors.As(err, &missing) || !strings.Contains(err.Error(), settings.AuthSecretARN) {
		t.Errorf("neither: got %v", err)
	}
	want.Algorithms = "none"
	if _, err := want.Verifier(aws.Config{}, false); err == nil {
		t.Error("tokens without a signature are configured")
	}
}

func getenv(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// secretsManager answers for Secrets Manager with the values of a secret by stage.
func secretsManager(t *testing.T, stages map[string]string, asked *[]string) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ SecretId, VersionStage string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.SecretId != "the-arn" || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
			t.Errorf("asked %s for %+v, %v", r.Header.Get("X-Amz-Target"), in, err)
		}
		*asked = append(*asked, in.VersionStage)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		switch value, ok := stages[in.VersionStage]; {
		case !ok:
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ResourceNotFoundException","message":"no such version"}`)
		case value == "":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"AccessDeniedException","message":"not allowed"}`)
		default:
			fmt.Fprintf(w, `{"SecretString":%q}`, value)
		}
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		stages map[string]string
		want   []string
	}{
		{"never rotated", map[string]string{stageCurrent: "new"}, []string{"new"}},
		{"rotated", map[string]string{stageCurrent: "new", stagePrevious: "old"}, []string{"new", "old"}},
		{"not allowed", map[string]string{stageCurrent: ""}, nil},
		{"not allowed to look back", map[string]string{stageCurrent: "new", stagePrevious: ""}, nil},
		{"no such secret", nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var asked []string
			got, err := Secrets(secretsManager(t, test.stages, &asked), "the-arn")(t.Context())
			if !slices.Equal(got, test.want) || (err == nil) != (test.want != nil) {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), "get the secret the-arn") {
				t.Errorf("got %v, want the secret named", err)
			}
		})
	}
}

// TestVerifierOfASecret checks a token by what Secrets Manager has.
func TestVerifierOfASecret(t *testing.T) {
	t.Parallel()
	current, previous := strings.Repeat("c", 64), strings.Repeat("p", 64)
	var asked []string
	v, err := Config{SecretARN: "the-arn"}.Verifier(secretsManager(t, map[string]string{stageCurrent: current, stagePrevious: previous}, &asked), false)
	if err != nil || len(asked) != 0 {
		t.Fatalf("got %v, after asking for %v", err, asked)
	}
	for _, secret := range []string{current, previous} {
		text, err := token.Mint(secret, map[string]any{"sub": "ada", "exp": time.Now().Add(time.Hour).Unix()})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := v.Verify(t.Context(), text); err != nil || got.UserID != "ada" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if len(asked) != 2 {
		t.Errorf("asked for %v, want each stage once", asked)
	}
}
