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

// Token makes a token for a user of a stack whose tokens are signed with a
// secret, which a RealtimeStack does by default. It is for Connect:
//
//	ada := stack.MustDial(t, roomcasttest.WithUser("ada"))
//
// The token holds for an hour and claims no permissions: any room, and to notify
// nobody. Claims are laid over that, the later ones over the earlier: "roomcast"
// for permissions, "exp" in seconds since 1970 for an end, or whatever the
// stack's JwtAuthorizer asks for. A claim that is nil is left out.
//
// The secret is the one whose ARN is the stack output AuthSecretArn. Without
// that output the test fails: the stack is open, or takes a provider's tokens.
func (s *Stack) Token(t testing.TB, userID string, claims ...map[string]any) string {
	t.Helper()
	secret, ok := s.cloud.Secret(s.Output(authSecret))
	if !ok {
		t.Fatalf("roomcasttest: a token for %q: the stack has no output %s with the ARN of a secret of its own: "+
			"it is open, its tokens come from a provider, whom Provider stands in for, or its app does not call AddOutputs of its ChatApi", userID, authSecret)
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
