package members

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Forget removes a connection everywhere, and returns what was removed, if
// anything was known of it. What the caller knows of the connection counts even if
// its own row is gone, as after a join that raced its end.
func Forget(ctx context.Context, store Connections, known Connection) (c Connection, found bool, err error) {
	c, err = store.Connection(ctx, known.ID)
	switch {
	case errors.Is(err, ErrUnknownConnection) && known.UserID == "":
		return Connection{}, false, nil
	case errors.Is(err, ErrUnknownConnection):
		c = known
	case err != nil:
		return Connection{}, false, fmt.Errorf("forget connection %s: %w", known.ID, err)
	default:
		for _, m := range known.Rooms {
			if !slices.Contains(c.Rooms, m) {
				c.Rooms = append(c.Rooms, m)
			}
		}
	}
	if err := store.Remove(ctx, c); err != nil {
		return Connection{}, false, fmt.Errorf("forget connection %s: %w", known.ID, err)
	}
	return c, true, nil
}
