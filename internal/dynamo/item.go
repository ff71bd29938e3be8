package dynamo

import (
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// item is an item of a table, or a part of one.
type item map[string]types.AttributeValue

// with returns an item that has the attributes of both.
func (i item) with(more item) item {
	both := maps.Clone(i)
	maps.Copy(both, more)
	return both
}

func text(s string) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: s}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func textSet(s ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: s}
}

// text returns an attribute, "" when it is not there.
func (i item) text(attr string) string {
	if v, ok := i[attr].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// number returns an attribute, 0 when it is not there.
func (i item) number(attr string) int64 {
	v, ok := i[attr].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, _ := strconv.ParseInt(v.Value, 10, 64) // only this package writes numbers, and writes whole ones
	return n
}

// textSet returns an attribute, nil when it is not there.
func (i item) textSet(attr string) []string {
	if v, ok := i[attr].(*types.AttributeValueMemberSS); ok {
		return v.Value
	}
	return nil
}

// expired reports whether an item has expired, deleted as yet or not.
func (i item) expired(now time.Time) bool {
	return i.number(attrTTL) <= now.Unix()
}

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
		ConnectedAt: time.UnixMilli(i.number(attrConnectedAt)),
		ExpiresAt:   time.Unix(i.number(attrTTL), 0),
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
		ConnectedAt:  time.UnixMilli(i.number(attrConnectedAt)),
	}
}
