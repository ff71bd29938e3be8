package realtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

const (
	// cursorBuckets is over how many buckets CursorPosts is spread where it is
	// large, because a single item takes no more than 1,000 writes a second.
	cursorBuckets = 4
	// bucketPosts is how many posts a second at least are worth a bucket.
	bucketPosts = 250
	// tooLargeAge is how long somebody is not told again that cursors do not move
	// in a room: who moves does so twenty times a second.
	tooLargeAge = 10 * time.Minute
)

// tooLarge is who was refused to move a cursor in a room, because it is too large.
type tooLarge struct{ connectionID, roomID string }

// CursorMove does what a cursorMove asks for. Only an error has an answer. It needs
// Connections, Log, Poster and CursorQueue, and Rates unless CursorPosts has no
// limit.
func (s *Service) CursorMove(ctx context.Context, c *frames.Call, req protocol.CursorMove) (protocol.Answer, error) {
	// Receivers go by ReceivedAt to find the newer of two moves.
	return nil, s.moveCursor(ctx, c.ConnectionID, c.ReceivedAt, req)
}

func (s *Service) moveCursor(ctx context.Context, connectionID string, at time.Time, req protocol.CursorMove) error {
	who, r, err := s.audience(ctx, connectionID, req.RoomID)
	if err != nil {
		return err
	}
	if most := s.limits.CursorMembers; most > 0 && r.size > most {
		return s.refuseCursor(tooLarge{connectionID, who.roomID}, r.size)
	}
	frame, err := protocol.Encode(protocol.Cursor{
		RoomID: who.roomID, UserID: who.userID, Position: req.Position, Color: req.Color,
		Timestamp: at.UnixMilli(),
	})
	if err != nil {
		return err
	}
	if r.shards == 1 && len(r.members) <= s.directLimit {
		others := len(r.members) - 1
		if may, err := s.maySpendPosts(ctx, others); err != nil || !may {
			return err
		}
		s.show(ctx, r.members, NewPayload(frame), map[string]Payload{connectionID: {}})
		return nil
	}
	jobs := make([]CursorJob, r.shards)
	for shard := range jobs {
		jobs[shard] = CursorJob{
			RoomID: who.roomID, Shard: shard, ConnectionID: connectionID, At: at.UnixMilli(), Frame: string(frame),
		}
	}
	return s.cursorQueue.Enqueue(ctx, jobs...)
}

// refuseCursor is the answer to a move in a room that is too large, nil where it
// was given a while ago.
func (s *Service) refuseCursor(who tooLarge, members int) error {
	now := s.now()
	if _, answered := s.cursorless.Get(who, now); answered {
		return nil
	}
	s.cursorless.Put(who, struct{}{}, now.Add(tooLargeAge))
	return protocol.Errorf(protocol.CodeLimitReached,
		"cursors do not move in a room of more than %d members, and %q has about %d: send no more moves until it has fewer",
		s.limits.CursorMembers, who.roomID, members)
}

// maySpendPosts reports whether a move may be posted to so many. One for which
// there is no room is not shown, and not answered: the next makes up for it.
func (s *Service) maySpendPosts(ctx context.Context, posts int) (bool, error) {
	rate := s.limits.CursorPosts
	if rate <= 0 || posts <= 0 {
		return posts > 0, nil
	}
	buckets := max(min(rate/bucketPosts, cursorBuckets), 1)
	key := RateKey(fmt.Sprintf("CURSORS#%d", rand.N(buckets)))
	cost := time.Duration(posts) * time.Second * time.Duration(buckets) / time.Duration(rate)
	_, err := s.spend(ctx, key, cost, time.Second)
	switch {
	case errors.Is(err, ErrSpent):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("count %d posts of cursors: %w", posts, err)
	}
	return true, nil
}

// mover is who moves a cursor, and where.
type mover struct{ userID, roomID string }

// audience returns who moves a cursor, and the members of the room, or more of
// them than are posted to at once. For somebody who moves all the time nothing
// of it is read from a table.
func (s *Service) audience(ctx context.Context, connectionID, roomID string) (mover, roster, error) {
	who, err := s.mover(ctx, connectionID, roomID)
	if err != nil {
		return mover{}, roster{}, err
	}
	r, err := s.smallRoster(ctx, who.roomID)
	return who, r, err
}

// mover returns who moves a cursor, and where. What it may do counts for a
// moment after it was read. What it may not is looked up again: it may have
// joined, or refreshed its token, since.
func (s *Service) mover(ctx context.Context, connectionID, roomID string) (mover, error) {
	at := s.now()
	c, remembered := s.movers.Get(connectionID, at)
	if !remembered {
		var err error
		if c, err = s.connections.Connection(ctx, connectionID); err != nil {
			return mover{}, lookupFailure(err)
		}
		s.movers.Put(connectionID, c, at.Add(rosterAge))
	}
	const before = "moving a cursor in it"
	in, err := "", c.current(at)
	if err == nil {
		in, err = c.room(roomID, before, permission.Join, permission.Send)
	}
	if err != nil && remembered {
		s.movers.Delete(connectionID)
		c, in, err = s.sender(ctx, connectionID, roomID, before, permission.Join, permission.Send)
	}
	return mover{userID: c.UserID, roomID: in}, err
}

// smallRoster returns the members of a room, or more of them than are posted
// to at once.
func (s *Service) smallRoster(ctx context.Context, roomID string) (roster, error) {
	r, err := s.recentRoster(ctx, Membership{RoomID: roomID}, func(ctx context.Context) (roster, error) {
		head, err := s.reader.Head(ctx, roomID)
		if err != nil || head.Count() > 1 {
			return roster{shards: head.Count(), size: head.Members}, err
		}
		most := s.directLimit
		if head.Members == 0 { // nobody has counted them
			most = max(most, s.limits.CursorMembers)
		}
		members, err := s.connections.Members(ctx, roomID, shard.First, most+1)
		size := len(members)
		if size > s.directLimit {
			size = max(size, head.Members)
			members = members[:s.directLimit+1]
		}
		return roster{members: members, shards: 1, size: size}, err
	})
	if err != nil {
		return roster{}, fmt.Errorf("read the members of room %q: %w", roomID, err)
	}
	return r, nil
}

// show posts cursors, once: the next move makes up for one that was lost, and
// a connection that is gone is left to the messages to find out. Some members
// get something else than the others, or nothing.
func (s *Service) show(ctx context.Context, members []Member, p Payload, instead map[string]Payload) {
	inParallel(len(members), maxCursorsInAir, func(i int) {
		p := p
		if other, ok := instead[members[i].ConnectionID]; ok {
			p = other
		}
		if p.Data == nil {
			return
		}
		s.cursorPace.begin()
		s.cursorPace.end(s.poster.Post(ctx, members[i].ConnectionID, p))
	})
}
