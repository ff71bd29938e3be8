package realtime

import (
	"context"
	"time"
)

const (
	// rosterAge is how long it counts who is in a room where cursors move, and
	// what somebody may do who moves one: a member who joined a moment ago sees
	// them a moment later, and a token that ended a moment ago still counts.
	rosterAge = 2 * time.Second
	// maxRosters bounds the rooms that are remembered at a time, and maxMovers
	// those who move cursors.
	maxRosters = 100
	maxMovers  = 1000
)

// roster is who is in a room, or in one shard of it.
type roster struct {
	members []Member
	// shards is how many there are in the room, and size about how many members,
	// where it is the room's.
	shards, size int
}

// recentRoster returns a roster that is not older than rosterAge, or reads it.
func (s *Service) recentRoster(ctx context.Context, of Membership, read func(context.Context) (roster, error)) (roster, error) {
	at := s.now()
	if known, ok := s.rosters.Get(of, at); ok {
		return known, nil
	}
	fresh, err := read(ctx)
	if err != nil {
		return roster{}, err
	}
	s.rosters.Put(of, fresh, at.Add(rosterAge))
	return fresh, nil
}
