package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// connectionItem returns what is stored of a connection besides its key.
func connectionItem(c members.Connection) item {
	slots := item{}
	for _, s := range c.Slots {
		slots[string(s.Quota)] = number(int64(s.Number))
	}
	// Also without a room or a slot: adding one needs a map to add it to.
	return memberItem(c).with(identityItem(c.Permissions, c.TokenExpiresAt)).with(item{
		attrIP: text(c.IP), attrRooms: placesItem(c.Rooms),
		attrSlots: &types.AttributeValueMemberM{Value: slots},
	})
}

func (i item) connection() members.Connection {
	rooms, leftovers := i.memberships()
	return members.Connection{
		ID:             i.text(attrConnectionID),
		UserID:         i.text(attrUserID),
		IP:             i.text(attrIP),
		ConnectedAt:    i.millis(attrConnectedAt),
		ExpiresAt:      i.seconds(attrTTL),
		Permissions:    i.permissions(),
		TokenExpiresAt: i.seconds(attrTokenExpiresAt),
		Rooms:          rooms,
		Leftovers:      leftovers,
		Slots:          i.slots(),
	}
}

// slots returns the slots that a connection lists, nil if it has none.
func (i item) slots() []limits.Slot {
	v, ok := i[attrSlots].(*types.AttributeValueMemberM)
	if !ok || len(v.Value) == 0 {
		return nil
	}
	held := item(v.Value)
	slots := make([]limits.Slot, 0, len(held))
	for of := range held {
		slots = append(slots, limits.Slot{Quota: limits.QuotaKey(of), Number: int(held.number(of))})
	}
	return slots
}

// memberItem returns what a room or a user stores of a connection besides its key.
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
			AckedSeq:     i.number(attrAcked),
			PresentUntil: i.seconds(attrPresentUntil),
		},
	}
}

// statusItem returns what a room stores of a member's status. Zero values are left out:
// they read the same.
func statusItem(st members.Status) item {
	i := item{}
	if st.Established {
		i[attrEstablished] = &types.AttributeValueMemberBOOL{Value: true}
	}
	if st.AckedSeq != 0 {
		i[attrAcked] = number(st.AckedSeq)
	}
	if !st.PresentUntil.IsZero() {
		i[attrPresentUntil] = number(st.PresentUntil.Unix())
	}
	return i
}
