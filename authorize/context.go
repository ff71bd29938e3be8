package authorize

import (
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// Context returns the context with which a Lambda authorizer of your own answers
// a handshake, for an API that it guards by roomcastcdk.AuthFromRouteAuthorizer:
// who the user is, what the user may do, and when the connection ends. It fails
// if userID is not 1 to 128 characters, if the permissions are invalid or larger
// than 2 KiB, or if expires is zero.
//
// A function that [Start] runs does not need it.
func Context(userID string, may Permissions, expires time.Time) (map[string]any, error) {
	if err := protocol.CheckUserID("userID", userID); err != nil {
		return nil, fmt.Errorf("authorize: context: %w", err)
	}
	if _, err := permission.Encode(may.checked()); err != nil {
		return nil, fmt.Errorf("authorize: context: %w", err)
	}
	if expires.Unix() <= 0 {
		return nil, errors.New("authorize: context: the time at which the connection expires is missing")
	}
	return session.Identity{UserID: userID, Permissions: may.checked(), TokenExpiresAt: expires}.Context()
}
