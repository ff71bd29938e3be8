package realtime

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
	// EndsAt is when the proof ends, in whole seconds; zero for never.
	EndsAt time.Time
}

// The values of an identity in the context of an authorizer, which knows no
// objects and hands on every value as a text.
const (
	contextUserID      = "userId"
	contextPermissions = "permissions"
	contextEndsAt      = "endsAt" // s since 1970
)

// Context returns the identity as the context that an authorizer answers with.
func (id Identity) Context() (map[string]any, error) {
	return map[string]any{
		contextUserID: id.UserID, contextPermissions: string(permission.JSON(id.Permissions)), contextEndsAt: strconv.FormatInt(id.EndsAt.Unix(), 10),
	}, nil
}

// IdentityOf reads an identity from the context of an authorizer, as the event
// of $connect has it. It fails for everything that Context does not write: an
// API that has lost its authorizer lets nobody in.
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
	ends, err := strconv.ParseInt(text(contextEndsAt), 10, 64)
	if err != nil || ends <= 0 {
		return Identity{}, fmt.Errorf("the authorizer's context: %s must be a time in seconds, got %q", contextEndsAt, text(contextEndsAt))
	}
	id.EndsAt = time.Unix(ends, 0)
	return id, nil
}
