package members

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

const (
	// joinAttempts limits how often a join goes on to another shard because its own
	// was closed meanwhile, or is checked again because the connection got another
	// token. Both happen every few minutes at most.
	joinAttempts = 5
	// replayCost is how many frames a join counts for that is answered with messages,
	// besides what it counts for in any case: together as many as a history.
	replayCost = 3
	// maxNameBytes is the maximum size of a room's name in UTF-8.
	maxNameBytes = 4 * protocol.MaxName
)

// Joiner adds connections to rooms.
type Joiner struct {
	directory  *Directory
	store      Joins
	log        *roomlog.Reader
	quotas     *limits.Quotas
	rebalancer *Rebalancer
	limits     limits.Limits
	env        base.Env
}

// NewJoiner returns a joiner.
func NewJoiner(d *Directory, store Joins, log *roomlog.Reader, q *limits.Quotas, r *Rebalancer, l limits.Limits, env base.Env) *Joiner {
	return &Joiner{directory: d, store: store, log: log, quotas: q, rebalancer: r, limits: l.WithDefaults(), env: env.WithDefaults()}
}

// Join adds a connection to a room, and answers with what it missed there.
func (j *Joiner) Join(ctx context.Context, c *frames.Call, req protocol.Join) (protocol.Answer, error) {
	conn, head, err := j.lookUp(ctx, c, req.RoomID)
	if err != nil {
		return nil, err
	}
	if !conn.Permissions.Allow(permission.History, req.RoomID) {
		req.Since = nil // nothing is replayed, so there is no position to go on from
	}
	// Checked before the membership is stored, so that a wrong position gets none, and
	// again with the head that is read after it.
	if err := roomlog.CheckPosition(req.Since, head); err != nil {
		return nil, err
	}
	status := Status{Established: true, PresentUntil: presentUntil(j.env.Now(), req.Heartbeat)}
	if req.Since != nil {
		status.AckedSeq = req.Since.Seq
	}
	if head, err = j.addMember(ctx, c, conn, req.RoomID, status, head); err != nil {
		return nil, err
	}
	page, err := j.replay(ctx, req, head)
	if err != nil {
		return nil, err
	}
	if len(page.Messages) > 0 {
		c.Charge(replayCost)
	}
	return protocol.Joined{RoomID: req.RoomID, Members: head.Members, Page: page}, nil
}

// lookUp returns a connection that may join a room, and the room's head. It reads
// both at the same time.
func (j *Joiner) lookUp(ctx context.Context, call *frames.Call, roomID string) (Connection, roomlog.Head, error) {
	var c Connection
	var head roomlog.Head
	var err, headErr error
	_ = base.ForEach(2, 2, func(i int) error { // of two errors, the connection's counts
		if i == 0 {
			c, err = j.directory.Active(ctx, call.ConnectionID)
		} else {
			head, headErr = j.log.Head(ctx, roomID)
		}
		return nil
	})
	switch {
	case err != nil:
		return c, head, err
	case headErr != nil:
		return c, head, headErr
	}
	return c, head, j.check(ctx, call, c, roomID)
}

// replay returns what the member missed, or the position that it starts from.
func (j *Joiner) replay(ctx context.Context, req protocol.Join, head roomlog.Head) (protocol.Page, error) {
	if req.Since == nil {
		return j.log.Start(ctx, req.RoomID, head)
	}
	if err := roomlog.CheckPosition(req.Since, head); err != nil {
		return protocol.Page{}, err
	}
	page, err := j.log.Recover(ctx, req.RoomID, req.Since.Seq, head)
	if err != nil {
		return protocol.Page{}, fmt.Errorf("read what was missed in room %q: %w", req.RoomID, err)
	}
	return page, nil
}

// addMember makes a connection a member of a room, with a slot in it if the number
// of members is limited. It returns the head of the room after that. After a
// [*protocol.Error] the connection is no member.
func (j *Joiner) addMember(ctx context.Context, call *frames.Call, c Connection, roomID string, status Status, head roomlog.Head) (roomlog.Head, error) {
	slot, taken, err := j.slot(ctx, c, roomID)
	if err != nil {
		return roomlog.Head{}, err
	}
	head, err = j.addToShard(ctx, call, c, roomID, status, slot, head)
	var refusal *protocol.Error
	if taken && errors.As(err, &refusal) { // after another error it may be a member, with that slot
		j.quotas.Release(ctx, c.ID, slot)
	}
	return head, err
}

// slot returns the slot of a connection in a room, and whether it was taken just
// now. It is the zero Slot if the number of members is not limited.
func (j *Joiner) slot(ctx context.Context, c Connection, roomID string) (slot limits.Slot, taken bool, err error) {
	if !j.quotas.LimitsRooms() {
		return slot, false, nil
	}
	if slot, held := c.Slot(limits.RoomQuota(roomID)); held {
		return slot, false, nil
	}
	slot, err = j.quotas.TakeRoom(ctx, c.Holder(), roomID)
	return slot, err == nil, err
}

// addToShard stores the membership in a shard that takes members, and returns the
// head of the room after that. head was read a moment ago.
//
// It reads the head again after it has stored the membership, so that no message
// falls between the two. A sender takes a seq, which tells it the layout, and then
// reads the members. A message whose seq was taken before this read of the head is
// in the replay. The sender of a later one finds the member, because a shard that
// is open now is not given up without being counted after now.
//
// The membership is stored on the condition that the connection's permissions are
// those that were checked. So a concurrent refresh either comes first, and the join
// is checked again; or it finds the room listed, and leaves it.
func (j *Joiner) addToShard(ctx context.Context, call *frames.Call, c Connection, roomID string, status Status, slot limits.Slot, head roomlog.Head) (roomlog.Head, error) {
	for range joinAttempts {
		m := Membership{RoomID: roomID, Shard: head.Place(c.ID)}
		err := j.store.Join(ctx, c.ID, m, status, JoinConditions{
			MaxRooms: j.maxRooms(c, roomID), Slot: slot, Permissions: &c.Permissions,
		})
		switch {
		case errors.Is(err, ErrPermissionsChanged), errors.Is(err, ErrTooManyRooms), errors.Is(err, ErrLeftMeanwhile):
			left := errors.Is(err, ErrLeftMeanwhile)
			if c, err = j.directory.Active(ctx, c.ID); err == nil {
				err = j.check(ctx, call, c, roomID)
			}
			if err == nil && left {
				err = protocol.Errorf(protocol.CodeNotInRoom, "the room %q was left while this connection joined it: join it again", roomID)
			}
			if err != nil {
				return roomlog.Head{}, err
			}
			continue
		case err != nil:
			return roomlog.Head{}, LookupError(err)
		}
		if head, err = j.log.Head(ctx, roomID); err != nil {
			return roomlog.Head{}, err
		}
		if head.Takes(m.Shard) {
			j.rebalancer.AfterJoin(ctx, roomID, head.Layout)
			return head, nil
		}
	}
	return roomlog.Head{}, fmt.Errorf("room %q was resized %d times while a connection joined", roomID, joinAttempts)
}

// check returns an error for the client if a connection may not join a room. A
// connection that is in the room although its token no longer permits it is removed
// from it.
func (j *Joiner) check(ctx context.Context, call *frames.Call, c Connection, roomID string) error {
	if err := c.Permits(roomID, call.Needs()...); err != nil {
		if c.In(roomID) {
			err = errors.Join(err, j.store.Leave(ctx, c.ID, roomID))
		}
		return err
	}
	if c.In(roomID) {
		return nil
	}
	if most := j.limits.RoomsPerConnection; most > 0 && len(c.Rooms) >= most {
		return protocol.Errorf(protocol.CodeLimitReached,
			"roomId: this connection is in %d rooms, the maximum: leave one first", most)
	}
	if used, most := nameBytes(c.Rooms), j.limits.RoomNameBytes(); used+len(roomID) > most {
		return protocol.Errorf(protocol.CodeLimitReached,
			"roomId: the names of the rooms that this connection is in take %d bytes, and this one %d more, of %d in all: leave one first, or use shorter names",
			used, len(roomID), most)
	}
	return nil
}

// maxRooms returns how many rooms a connection may be in after it has joined one, 0
// for any number. Other rooms that it joins at the same time may have the longest
// names there are, so close to the limit of bytes it is as many as fit for sure.
func (j *Joiner) maxRooms(c Connection, roomID string) int {
	rooms := len(c.Rooms) + 1
	if c.In(roomID) {
		rooms = len(c.Rooms)
	}
	fit := rooms + max(j.limits.RoomNameBytes()-nameBytes(c.Rooms)-len(roomID), 0)/maxNameBytes
	if j.limits.RoomsPerConnection > 0 {
		fit = min(fit, j.limits.RoomsPerConnection)
	}
	return fit
}

// nameBytes returns how many bytes the names of rooms take.
func nameBytes(rooms []Membership) int {
	bytes := 0
	for _, m := range rooms {
		bytes += len(m.RoomID)
	}
	return bytes
}
