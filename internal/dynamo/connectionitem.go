package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// connectionItem returns what is stored of a connection beside its key.
func connectionItem(c realtime.Connection) item {
	seats := item{}
	for _, s := range c.Seats {
		seats[string(s.Holder)] = number(int64(s.Slot))
	}
	// Also without a room or a seat: to add one needs a map to add it to.
	return memberItem(c).with(grantItem(c.Permissions, c.EndsAt)).with(item{
		attrIP: text(c.IP), attrRooms: placesItem(c.Rooms),
		attrSeats: &types.AttributeValueMemberM{Value: seats},
	})
}

func (i item) connection() realtime.Connection {
	rooms, besides := i.memberships()
	return realtime.Connection{
		ID:          i.text(attrConnectionID),
		UserID:      i.text(attrUserID),
		IP:          i.text(attrIP),
		ConnectedAt: i.millis(attrConnectedAt),
		ExpiresAt:   i.seconds(attrTTL),
		Permissions: i.permissions(),
		EndsAt:      i.seconds(attrEndsAt),
		Rooms:       rooms,
		Besides:     besides,
		Seats:       i.seats(),
	}
}

// seats returns the seats that a connection lists, nil when it has none.
func (i item) seats() []realtime.Seat {
	v, ok := i[attrSeats].(*types.AttributeValueMemberM)
	if !ok || len(v.Value) == 0 {
		return nil
	}
	held := item(v.Value)
	seats := make([]realtime.Seat, 0, len(held))
	for of := range held {
		seats = append(seats, realtime.Seat{Holder: realtime.Holder(of), Slot: int(held.number(of))})
	}
	return seats
}

// memberItem returns what a room or a user stores of a connection beside its key.
func memberItem(c realtime.Connection) item {
	return item{
		attrConnectionID: text(c.ID),
		attrUserID:       text(c.UserID),
		attrConnectedAt:  number(c.ConnectedAt.UnixMilli()),
		attrTTL:          number(c.ExpiresAt.Unix()),
	}
}

func (i item) member() realtime.Member {
	return realtime.Member{
		ConnectionID: i.text(attrConnectionID),
		UserID:       i.text(attrUserID),
		ConnectedAt:  i.millis(attrConnectedAt),
		Standing: realtime.Standing{
			Established:  i.flag(attrEstablished),
			Has:          i.number(attrHas),
			PresentUntil: i.seconds(attrPresentUntil),
		},
	}
}

// standingItem returns what a room stores of a member's standing. What is zero
// is left out: it reads the same.
func standingItem(st realtime.Standing) item {
	i := item{}
	if st.Established {
		i[attrEstablished] = &types.AttributeValueMemberBOOL{Value: true}
	}
	if st.Has != 0 {
		i[attrHas] = number(st.Has)
	}
	if !st.PresentUntil.IsZero() {
		i[attrPresentUntil] = number(st.PresentUntil.Unix())
	}
	return i
}
