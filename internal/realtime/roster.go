package realtime

import (
	"context"
	"sync"
	"time"
)

const (
	// rosterAge is how long it counts who is in a room where cursors move: a
	// member who joined a moment ago sees them a moment later.
	rosterAge = 2 * time.Second
	// maxRosters bounds the rooms that are remembered at a time.
	maxRosters = 100
)

// roster is who is in a room, or in one shard of it.
type roster struct {
	members []Member
	// shards is how many there are in the room.
	shards int
	at     time.Time
}

// find returns the member that a connection is.
func (r roster) find(connectionID string) (Member, bool) {
	for _, m := range r.members {
		if m.ConnectionID == connectionID {
			return m, true
		}
	}
	return Member{}, false
}

// rosters remembers who is in which rooms, while a function is warm.
type rosters struct {
	mu    sync.Mutex
	known map[Membership]roster
}

// recent returns a roster that is not older than rosterAge, or reads it.
func (r *rosters) recent(ctx context.Context, of Membership, now func() time.Time, read func(context.Context) (roster, error)) (roster, error) {
	r.mu.Lock()
	known, ok := r.known[of]
	r.mu.Unlock()
	if ok && now().Sub(known.at) < rosterAge {
		return known, nil
	}
	at := now()
	fresh, err := read(ctx)
	if err != nil {
		return roster{}, err
	}
	fresh.at = at
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxRosters {
		r.known = map[Membership]roster{}
	}
	r.known[of] = fresh
	return fresh, nil
}
