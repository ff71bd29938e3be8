package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/members"
)

// place is what a connection lists of one of its rooms. It is stored as a single number,
// so that one write can derive it from the count of the connection's joins.
type place struct {
	shard int
	// former is the shard that the connection is moving from, -1 for none. It may have a
	// membership there as well.
	former int
	// order is the number of the join that listed the room, among all joins and leaves of
	// the connection. A membership has the order of its join, which keeps a write that is
	// applied late from undoing what came after it.
	order int64
}

// The parts of a place's number. A connection lives two hours and a shard has about 500
// members, so neither comes near its limit.
const (
	orders = 1_000_000_000
	shards = 1_000_000
)

func (p place) number() int64 {
	return (int64(p.former+1)*shards+int64(p.shard))*orders + p.order
}

func placeOf(n int64) place {
	rest := n / orders
	return place{shard: int(rest % shards), former: int(rest/shards) - 1, order: n % orders}
}

// arrived returns the place once the move from another shard is over.
func (p place) arrived() place { return place{shard: p.shard, former: -1, order: p.order} }

// memberships returns where the connection may be a member, the shard that it is in
// first.
func (p place) memberships(roomID string) []members.Membership {
	all := []members.Membership{{RoomID: roomID, Shard: p.shard}}
	if p.former >= 0 {
		all = append(all, members.Membership{RoomID: roomID, Shard: p.former})
	}
	return all
}

// placesItem returns what a new connection lists.
func placesItem(rooms []members.Membership) types.AttributeValue {
	places := item{}
	for _, m := range rooms {
		places[m.RoomID] = number(place{shard: m.Shard, former: -1}.number())
	}
	return &types.AttributeValueMemberM{Value: places}
}

// place returns what a connection lists of a room.
func (i item) place(roomID string) (p place, listed bool) {
	rooms, ok := i[attrRooms].(*types.AttributeValueMemberM)
	if !ok || rooms.Value[roomID] == nil {
		return place{}, false
	}
	return placeOf(item(rooms.Value).number(roomID)), true
}

// memberships returns what a connection lists, nil if it is in no room, and what else
// there may be of it: where it may be a member because it is moving to another shard,
// and where it has a tombstone.
func (i item) memberships() (in, leftovers []members.Membership) {
	for _, pk := range i.textSet(attrTombstones) {
		leftovers = append(leftovers, shardOf(pk))
	}
	rooms, ok := i[attrRooms].(*types.AttributeValueMemberM)
	if !ok {
		return nil, leftovers
	}
	for roomID := range rooms.Value {
		p, _ := i.place(roomID)
		all := p.memberships(roomID)
		in, leftovers = append(in, all[0]), append(leftovers, all[1:]...)
	}
	return in, leftovers
}
