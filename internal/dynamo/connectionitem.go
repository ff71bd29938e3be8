package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// connectionItem returns what is stored of a connection beside its key.
func connectionItem(c members.Connection) item {
	seats := item{}
	for _, s := range c.Slots {
		seats[string(s.Quota)] = number(int64(s.Number))
	}
	// Also without a room or a seat: to add one needs a map to add it to.
	return memberItem(c).with(grantItem(c.Permissions, c.TokenExpiresAt)).with(item{
		attrIP: text(c.IP), attrRooms: placesItem(c.Rooms),
		attrSeats: &types.AttributeValueMemberM{Value: seats},
	})
}

func (i item) connection() members.Connection {
	rooms, besides := i.memberships()
	return members.Connection{
		ID:             i.text(attrConnectionID),
		UserID:         i.text(attrUserID),
		IP:             i.text(attrIP),
		ConnectedAt:    i.millis(attrConnectedAt),
		ExpiresAt:      i.seconds(attrTTL),
		Permissions:    i.permissions(),
		TokenExpiresAt: i.seconds(attrEndsAt),
		Rooms:          rooms,
		Leftovers:      besides,
		Slots:          i.seats(),
	}
}

// seats returns the seats that a connection lists, nil when it has none.
func (i item) seats() []limits.Slot {
	v, ok := i[attrSeats].(*types.AttributeValueMemberM)
	if !ok || len(v.Value) == 0 {
		return nil
	}
	held := item(v.Value)
	seats := make([]limits.Slot, 0, len(held))
	for of := range held {
		seats = append(seats, limits.Slot{Quota: limits.QuotaKey(of), Number: int(held.number(of))})
	}
	return seats
}

// memberItem returns what a room or a user stores of a connection beside its key.
func memberItem(c members.Connection) item {
	return item{
		attrConnectionID: text(c.ID),
		attrUserID:       text(c.UserID),
		attrConnectedAt:  number(c.ConnectedAt.UnixMilli()),
		attrTTL:          number(c.ExpiresAt.Unix()),
	}
}

func (i item) member() members.Member {
	return members.Member{
		ConnectionID: i.text(attrConnectionID),
		UserID:       i.text(attrUserID),
		ConnectedAt:  i.millis(attrConnectedAt),
		Status: members.Status{
			Established:  i.flag(attrEstablished),
			AckedSeq:     i.number(attrHas),
			PresentUntil: i.seconds(attrPresentUntil),
		},
	}
}

// standingItem returns what a room stores of a member's standing. What is zero
// is left out: it reads the same.
func standingItem(st members.Status) item {
	i := item{}
	if st.Established {
		i[attrEstablished] = &types.AttributeValueMemberBOOL{Value: true}
	}
	if st.AckedSeq != 0 {
		i[attrHas] = number(st.AckedSeq)
	}
	if !st.PresentUntil.IsZero() {
		i[attrPresentUntil] = number(st.PresentUntil.Unix())
	}
	return i
}
