package roomcasttest

import (
	"maps"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/token"
)

const (
	// authSecret is the output that says where a stack's secret is.
	authSecret = "AuthSecretArn"
	// tokenLife is longer than any test.
	tokenLife = time.Hour
)

// Token signs a token for a user, where the stack's tokens are signed with a secret.
// [WithUser] connects with such a token.
//
// The token is valid for an hour and claims no permissions: every room, and no
// notifications. Further claims add to its claims or replace them, later ones those
// before: "roomcast" has the permissions, "exp" the expiry in seconds since 1970.
// A claim whose value is nil is left out.
//
// The secret is the one whose ARN is the stack output AuthSecretArn. Without that
// output the test fails: the stack is open, or its tokens come from an identity
// provider.
func (s *Stack) Token(t testing.TB, userID string, claims ...map[string]any) string {
	t.Helper()
	secret, ok := s.cloud.Secret(s.Output(authSecret))
	if !ok {
		t.Fatalf("roomcasttest: a token for %q: the stack has no output %s with the ARN of a secret: call AddOutputs of the ChatApi; "+
			"for an identity provider use NewIdentityProvider", userID, authSecret)
	}
	text, err := token.Mint(secret, claimsOf(userID, time.Now(), claims))
	if err != nil {
		t.Fatalf("roomcasttest: a token for %q: %v", userID, err)
	}
	return text
}

// claimsOf returns the claims of a token.
func claimsOf(userID string, now time.Time, laidOver []map[string]any) map[string]any {
	all := map[string]any{token.DefaultUserClaim: userID, "iat": now.Unix(), "exp": now.Add(tokenLife).Unix()}
	for _, claims := range laidOver {
		maps.Copy(all, claims)
	}
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	return all
}
