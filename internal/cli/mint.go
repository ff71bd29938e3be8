package cli

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/outputs"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/token"
)

// tokenLife is how long a token of the demo page is valid.
const tokenLife = time.Hour

// errForeignTokens is what the demo page shows for a stack whose tokens come
// from elsewhere.
var errForeignTokens = errors.New("it signs none for this stack, whose clients sign in elsewhere, such as with the provider of a JwksUrl: connect with a client that has one")

// minter returns a function that signs tokens for the stack, nil if the stack
// needs none or takes those of a provider.
func (r *Running) minter() func(userID string) (string, error) {
	arn := r.Outputs()[outputs.AuthSecret]
	if _, ok := r.Secret(arn); !ok {
		return nil
	}
	return func(userID string) (string, error) {
		// Read each time: the secret may have been rotated.
		secret, ok := r.Secret(arn)
		if !ok {
			return "", errors.New("the secret that tokens are signed with no longer has a value")
		}
		return mint(secret, userID, time.Now())
	}
}

// mint signs a token that permits everything.
func mint(secret, userID string, now time.Time) (string, error) {
	may, err := json.Marshal(permission.Everything())
	if err != nil {
		return "", err
	}
	return token.Mint(secret, map[string]any{
		"sub": userID, "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(), "roomcast": json.RawMessage(may),
	})
}
