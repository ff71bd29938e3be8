package session

import (
	"fmt"
	"strconv"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
)

// Identity is who a client has proved to be, and what it may do.
type Identity struct {
	UserID      string
	Permissions permission.Permissions
	// TokenExpiresAt is when the proof expires, in whole seconds; zero for never.
	TokenExpiresAt time.Time
}

// The values of an identity in the context of an authorizer, which has no objects and
// passes on every value as a string.
const (
	contextUserID      = "userId"
	contextPermissions = "permissions"
	contextExpiresAt   = "expiresAt" // s since 1970
)

// Context returns the identity as the context that an authorizer answers with.
func (id Identity) Context() (map[string]any, error) {
	return map[string]any{
		contextUserID: id.UserID, contextPermissions: string(permission.JSON(id.Permissions)),
		contextExpiresAt: strconv.FormatInt(id.TokenExpiresAt.Unix(), 10),
	}, nil
}

// IdentityOf reads an identity from the context of an authorizer, as the event of
// $connect has it. It fails for everything that Context does not write: an API that
// has lost its authorizer lets nobody in.
func IdentityOf(context map[string]any) (Identity, error) {
	text := func(name string) string { t, _ := context[name].(string); return t }
	id := Identity{UserID: text(contextUserID)}
	if err := protocol.CheckUserID(contextUserID, id.UserID); err != nil {
		return Identity{}, fmt.Errorf("the authorizer's context: %w", err)
	}
	var err error
	if id.Permissions, err = permission.Parse([]byte(text(contextPermissions))); err != nil {
		return Identity{}, fmt.Errorf("the authorizer's context: %w", err)
	}
	expires, err := strconv.ParseInt(text(contextExpiresAt), 10, 64)
	if err != nil || expires <= 0 {
		return Identity{}, fmt.Errorf("the authorizer's context: %s must be a time in seconds, got %q", contextExpiresAt, text(contextExpiresAt))
	}
	id.TokenExpiresAt = time.Unix(expires, 0)
	return id, nil
}
