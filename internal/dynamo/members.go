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

// Members implements [members.Lists].
func (c *Memberships) Members(ctx context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	members, err := c.members(ctx, shardPK(roomID, shard), limit)
	if err != nil {
		return nil, fmt.Errorf("query shard %d of room %q: %w", shard, roomID, err)
	}
	return members, nil
}

// Count implements [members.Counts].
func (c *Memberships) Count(ctx context.Context, roomID string, shard int) (int, error) {
	n, err := c.count(ctx, part{pk: shardPK(roomID, shard), page: membersPage, having: attrConnectionID})
	if err != nil {
		return 0, fmt.Errorf("count shard %d of room %q: %w", shard, roomID, err)
	}
	return n, nil
}

// OfUser implements [members.Users].
func (c *Memberships) OfUser(ctx context.Context, userID string) ([]members.Member, error) {
	members, err := c.members(ctx, userPK(userID), 0)
	if err != nil {
		return nil, fmt.Errorf("query user %q: %w", userID, err)
	}
	return members, nil
}

// membersPage is how many members one call reads. Large rooms are read while they are
// posted to, so more calls take hardly longer. And no call keeps a table busy for long
// that answers calls in sequence, as the local one does.
const membersPage = 100

// members returns what one partition lists: all of it, or up to the limit if that is
// above 0.
func (c *Memberships) members(ctx context.Context, pk string, limit int) ([]members.Member, error) {
	var members []members.Member
	err := c.pages(ctx, part{pk: pk, limit: max(limit, 0), page: membersPage, having: attrConnectionID, attrs: []string{
		attrConnectionID, attrUserID, attrConnectedAt, attrEstablished, attrAcked, attrPresentUntil,
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

// Member implements [members.Lookups].
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

// SetStatus implements [members.Statuses].
func (c *Memberships) SetStatus(ctx context.Context, connectionID string, m members.Membership, st members.Status) error {
	presentUntil := int64(0) // reads as if it were absent
	if !st.PresentUntil.IsZero() {
		presentUntil = st.PresentUntil.Unix()
	}
	_, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &c.name,
		Key:                      memberKey(connectionID, m),
		UpdateExpression:         aws.String("SET #acked = :acked, #presentUntil = :presentUntil"),
		ConditionExpression:      aws.String("#ttl > :now AND attribute_exists(#connectionId)"), // and it is no tombstone
		ExpressionAttributeNames: names(attrAcked, attrPresentUntil, attrTTL, attrConnectionID),
		ExpressionAttributeValues: item{
			":acked":        number(st.AckedSeq),
			":presentUntil": number(presentUntil),
			":now":          number(c.now().Unix()),
		},
	})
	if conditionFailed(err) {
		err = members.ErrNotMember
	}
	if err != nil {
		return fmt.Errorf("set the status of connection %s in shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
}
