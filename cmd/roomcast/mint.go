package main

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/token"
)

// tokenLife is how long a token of the demo page is good for.
const tokenLife = time.Hour

// errForeignTokens is what the demo page says of a stack that others sign in to.
var errForeignTokens = errors.New("it signs none for this stack, whose clients sign in elsewhere, such as with the provider of a JwksUrl: connect with a client that has one")

// minter returns what makes tokens for the running stack, nil where it needs
// none or takes those of somebody else.
func (r *running) minter() func(userID string) (string, error) {
	arn := r.Outputs()[authSecret]
	if _, ok := r.Secret(arn); !ok {
		return nil
	}
	return func(userID string) (string, error) {
		// Read anew each time: the secret may have been rotated.
		secret, ok := r.Secret(arn)
		if !ok {
			return "", errors.New("the secret that tokens are signed with has no value any more")
		}
		return mint(secret, userID, time.Now())
	}
}

// mint makes a token that lets a user do everything.
func mint(secret, userID string, now time.Time) (string, error) {
	may, err := json.Marshal(permission.Everything())
	if err != nil {
		return "", err
	}
	return token.Mint(secret, map[string]any{
		"sub": userID, "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(), "roomcast": json.RawMessage(may),
	})
}
