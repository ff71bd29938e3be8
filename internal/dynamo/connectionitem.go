package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// connectionItem returns what is stored of a connection beside its key.
func connectionItem(c realtime.Connection) item {
	i := memberItem(c).with(item{attrIP: text(c.IP)})
	if len(c.Rooms) > 0 { // DynamoDB has no empty set
		i[attrRooms] = textSet(c.Rooms...)
	}
	return i
}

func (i item) connection() realtime.Connection {
	return realtime.Connection{
		ID:          i.text(attrConnectionID),
		UserID:      i.text(attrUserID),
		IP:          i.text(attrIP),
		ConnectedAt: i.millis(attrConnectedAt),
		ExpiresAt:   i.seconds(attrTTL),
		Rooms:       i.textSet(attrRooms),
	}
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
