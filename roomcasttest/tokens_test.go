package roomcasttest

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/token"
)

// secretApp writes an assembly whose stack has a secret, and these outputs.
func secretApp(t *testing.T, outputs string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.json"}}}}`,
		"S.json": `{"Resources":{"Key":{"Type":"AWS::SecretsManager::Secret","Properties":{"GenerateSecretString":{"PasswordLength":64,"ExcludePunctuation":true}}}},
			"Outputs":{` + outputs + `}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A token is signed with the stack's secret, and says what the test wants.
func TestToken(t *testing.T) {
	t.Parallel()
	s := Run(t, secretApp(t, `"AuthSecretArn":{"Value":{"Ref":"Key"}}`))
	secret, _ := s.cloud.Secret(s.Output("AuthSecretArn"))
	tokens, err := token.NewVerifier(token.Config{
		Secrets: func(context.Context) ([]string, error) { return []string{secret}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := tokens.Verify(t.Context(), s.Token(t, "ada"))
	if err != nil || got.UserID != "ada" || !reflect.DeepEqual(got.Permissions, permission.Default()) || time.Until(got.ExpiresAt) < 50*time.Minute {
		t.Errorf("a token is of %+v, %v", got, err)
	}
	end := time.Now().Add(time.Minute).Truncate(time.Second)
	got, err = tokens.Verify(t.Context(), s.Token(t, "bob",
		map[string]any{"exp": end.Unix(), "roomcast": map[string]any{"rooms": []string{"tea"}}},
		map[string]any{"roomcast": permission.Everything()}))
	if err != nil || got.UserID != "bob" || !got.ExpiresAt.Equal(end) || !reflect.DeepEqual(got.Permissions, permission.Everything()) {
		t.Errorf("a token with claims is of %+v, %v", got, err)
	}
	if got, err := tokens.Verify(t.Context(), s.Token(t, "ada", map[string]any{"exp": nil})); err == nil {
		t.Errorf("a token without an end is taken: %+v", got)
	}
}

func TestTokenOfAStackWithoutASecret(t *testing.T) {
	t.Parallel()
	for name, outputs := range map[string]string{"open": ``, "of another stack": `"AuthSecretArn":{"Value":"arn:aws:secretsmanager:us-east-1:1:secret:x"}`} {
		s := Run(t, secretApp(t, outputs))
		if got := fatal(t, func(t testing.TB) { s.Token(t, "ada") }); !strings.Contains(got, `no output AuthSecretArn`) {
			t.Errorf("%s: the test dies of %q", name, got)
		}
	}
}
