package delivery

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Waiting says which notifications still wait in an inbox.
type Waiting interface {
	// Has reports whether a notification is in an inbox: it was put there, and neither
	// acknowledged nor dropped since.
	Has(ctx context.Context, userID, id string) (bool, error)
}

// WithoutAcknowledged returns the members without those whose user has acknowledged
// a notification, or had it dropped. It asks only for the users of members in doubt.
// If that cannot be read, it leaves the member in.
func WithoutAcknowledged(ctx context.Context, w Waiting, id string, all []members.Member, inDoubt func(members.Member) bool) []members.Member {
	waits := map[string]bool{}
	for _, m := range all {
		if inDoubt(m) {
			waits[m.UserID] = true
		}
	}
	users := slices.Collect(maps.Keys(waits))
	var mu sync.Mutex
	_ = base.ForEach(len(users), base.CallConcurrency, func(i int) error { // there are no errors
		has, err := w.Has(ctx, users[i], id)
		mu.Lock()
		defer mu.Unlock()
		waits[users[i]] = has || err != nil
		return nil
	})
	return slices.DeleteFunc(all, func(m members.Member) bool {
		has, asked := waits[m.UserID]
		return asked && !has
	})
}
