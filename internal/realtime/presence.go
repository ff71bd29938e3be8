package realtime

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
)

const (
	// crowdAge is how long it counts who is present in a large room: to find
	// out reads every one of its members.
	crowdAge = 2 * time.Second
	// presenceMembers is how many members that a presence reads count as a frame,
	// about two read units.
	presenceMembers = 50
	// maxCrowds bounds the rooms that are remembered at a time.
	maxCrowds = 1000
)

// crowd is who is present in a room.
type crowd struct {
	count int
	users []string // some of them, in order
	read  int      // the members that were read for it, 0 where it was remembered
}

// crowd returns who is present in a room. If the room has more members than are
// posted to at once, the answer is remembered for a moment.
func (s *Service) crowd(ctx context.Context, roomID string) (crowd, error) {
	at := s.now()
	if known, ok := s.crowds.Get(roomID, at); ok {
		return known, nil
	}
	members, err := s.everybody(ctx, roomID)
	if err != nil {
		return crowd{}, err
	}
	users := []string{} // and not null, where nobody is present
	for _, m := range members {
		if m.isPresent(at) {
			users = append(users, m.UserID)
		}
	}
	slices.Sort(users)
	users = slices.Compact(users)
	fresh := crowd{count: len(users), users: slices.Clip(slices.Clone(fitting(users)))}
	if len(members) > s.directLimit {
		s.crowds.Put(roomID, fresh, at.Add(crowdAge))
	}
	fresh.read = len(members)
	return fresh, nil
}

// isPresent says whether the member is within the time that its last heartbeat
// gave it. Another function wrote that by its own clock: a member whose time is
// over by no more than two clocks can differ is present, or it would be left out
// for as long as these two functions live.
func (m Member) isPresent(at time.Time) bool {
	return m.PresentUntil.IsZero() || m.PresentUntil.Add(2*base.ClockSkew).After(at)
}

// everybody returns the members of a room, of all its shards.
func (s *Service) everybody(ctx context.Context, roomID string) ([]Member, error) {
	head, err := s.reader.Head(ctx, roomID)
	if err != nil {
		return nil, err
	}
	shards := make([][]Member, head.Count())
	err = base.ForEach(len(shards), base.CallConcurrency, func(shard int) (err error) {
		shards[shard], err = s.connections.Members(ctx, roomID, shard, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the members of room %q: %w", roomID, err)
	}
	return slices.Concat(shards...), nil
}

// fitting returns as many of the names, from the first on, as a frame names
// and has room for.
func fitting(users []string) []string {
	bytes := 0
	for i, user := range users {
		bytes += protocol.EncodedSize(user)
		if i == protocol.MaxPresenceUsers || bytes > protocol.PageBytes {
			return users[:i]
		}
	}
	return users
}
