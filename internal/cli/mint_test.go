package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/permission"
)

func TestMint(t *testing.T) {
	t.Parallel()
	secret, now := strings.Repeat("secret", 6), time.Now()
	token, err := mint(secret, "ada", now)
	if err != nil {
		t.Fatal(err)
	}
	var claims struct {
		jwt.RegisteredClaims
		Roomcast json.RawMessage
	}
	key := func(*jwt.Token) (any, error) { return []byte(secret), nil }
	if _, err := jwt.ParseWithClaims(token, &claims, key, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired()); err != nil {
		t.Fatal(err)
	}
	if claims.Subject != "ada" || claims.ExpiresAt.Unix() != now.Add(time.Hour).Unix() {
		t.Errorf("the claims are %+v", claims)
	}
	may, err := permission.Parse(claims.Roomcast)
	if err != nil || !may.Allow(permission.Send, "lobby") || !may.Allow(permission.Notify, "bob") {
		t.Errorf("it permits %s, %v", claims.Roomcast, err)
	}
	if strings.Contains(token, secret) {
		t.Errorf("the secret is in the token %s", token)
	}
}
