package dynamo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Memberships keeps who is in which room in the table of connections.
type Memberships struct {
	table
}

var _ realtime.MembershipStore = (*Memberships)(nil)

// NewMemberships returns the memberships in the table with that name. The clock now
// decides what has expired.
func NewMemberships(api API, name string, now func() time.Time) *Memberships {
	return &Memberships{table{api: api, name: name, now: now}}
}

// Members implements its port.
func (c *Memberships) Members(ctx context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	members, err := c.members(ctx, shardPK(roomID, shard), limit)
	if err != nil {
		return nil, fmt.Errorf("query shard %d of room %q: %w", shard, roomID, err)
	}
	return members, nil
}

// Count implements its port.
func (c *Memberships) Count(ctx context.Context, roomID string, shard int) (int, error) {
	n, err := c.count(ctx, part{pk: shardPK(roomID, shard), page: membersPage, having: attrConnectionID})
	if err != nil {
		return 0, fmt.Errorf("count shard %d of room %q: %w", shard, roomID, err)
	}
	return n, nil
}

// OfUser implements its port.
func (c *Memberships) OfUser(ctx context.Context, userID string) ([]members.Member, error) {
	members, err := c.members(ctx, userPK(userID), 0)
	if err != nil {
		return nil, fmt.Errorf("query user %q: %w", userID, err)
	}
	return members, nil
}

// membersPage is how many members one call reads. Large rooms are read while
// they are posted to, so more calls take hardly longer; and no call keeps a
// table busy for long that answers one after the other, as the local one does.
const membersPage = 100

// members returns what one partition lists, all of it or up to the limit, if
// that is above 0.
func (c *Memberships) members(ctx context.Context, pk string, limit int) ([]members.Member, error) {
	var members []members.Member
	err := c.pages(ctx, part{pk: pk, limit: max(limit, 0), page: membersPage, having: attrConnectionID, attrs: []string{
		attrConnectionID, attrUserID, attrConnectedAt, attrEstablished, attrHas, attrPresentUntil,
	}}, func(page []map[string]types.AttributeValue) {
		members = slices.Grow(members, len(page))
		for _, i := range page {
			members = append(members, item(i).member())
		}
	})
	if err != nil {
		return nil, err
	}
	return members, nil
}

// Member implements its port.
func (c *Memberships) Member(ctx context.Context, connectionID string, m members.Membership) (members.Member, error) {
	i, err := c.get(ctx, memberKey(connectionID, m), true)
	if err == nil && (i == nil || i.expired(c.now()) || i[attrConnectionID] == nil) {
		err = members.ErrNotMember
	}
	if err != nil {
		return members.Member{}, fmt.Errorf("read connection %s in shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return i.member(), nil
}

// Refresh implements its port.
func (c *Memberships) SetStatus(ctx context.Context, connectionID string, m members.Membership, st members.Status) error {
	presentUntil := int64(0) // reads as if it were left out
	if !st.PresentUntil.IsZero() {
		presentUntil = st.PresentUntil.Unix()
	}
	_, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &c.name,
		Key:                      memberKey(connectionID, m),
		UpdateExpression:         aws.String("SET #has = :has, #presentUntil = :presentUntil"),
		ConditionExpression:      aws.String("#ttl > :now AND attribute_exists(#connectionId)"), // and not only the mark of a Leave
		ExpressionAttributeNames: names(attrHas, attrPresentUntil, attrTTL, attrConnectionID),
		ExpressionAttributeValues: item{
			":has":          number(st.AckedSeq),
			":presentUntil": number(presentUntil),
			":now":          number(c.now().Unix()),
		},
	})
	if conditionFailed(err) {
		err = members.ErrNotMember
	}
	if err != nil {
		return fmt.Errorf("refresh connection %s in shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
}
