package realtime

import (
	"context"
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

// recentRoster returns a roster that is not older than rosterAge, or reads it.
func (s *Service) recentRoster(ctx context.Context, of Membership, read func(context.Context) (roster, error)) (roster, error) {
	at := s.now()
	if known, ok := s.rosters.get(of, at); ok {
		return known, nil
	}
	fresh, err := read(ctx)
	if err != nil {
		return roster{}, err
	}
	s.rosters.put(of, fresh, at.Add(rosterAge))
	return fresh, nil
}
