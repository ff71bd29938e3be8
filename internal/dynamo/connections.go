package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Connections keeps connections in their table.
type Connections struct {
	table
}

var _ realtime.ConnectionStore = (*Connections)(nil)

// NewConnections returns the connections in the table with that name. The clock now
// decides what has expired.
func NewConnections(api API, name string, now func() time.Time) *Connections {
	return &Connections{table{api: api, name: name, now: now}}
}

// Connect implements [members.Admissions].
//
// The connection's row and its memberships, which later writes change, are put on the
// condition that they are not there. A write that was answered with an error may still
// be carried out seconds later, after another attempt. Without the condition it would
// make the connection forget the rooms that it has joined since, and return to those
// that it has left. A batch has no conditions, so only the rest is one.
func (c *Connections) Connect(ctx context.Context, conn members.Connection) error {
	once := []item{connectionKey(conn.ID).with(connectionItem(conn))}
	for _, m := range conn.Rooms {
		once = append(once, membershipItem(conn, m, members.Status{}))
	}
	rest := []item{userKey(conn.UserID, conn.ID).with(memberItem(conn))}
	if !conn.TokenExpiresAt.IsZero() {
		rest = append(rest, expiryItem(conn.ID, conn.TokenExpiresAt))
	}
	var writes []types.WriteRequest
	for _, put := range rest {
		writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: put}})
	}
	failed := make([]error, len(once)+1)
	var all sync.WaitGroup
	for i, put := range once {
		all.Go(func() { failed[i] = c.putOnce(ctx, put) })
	}
	all.Go(func() { failed[len(once)] = c.write(ctx, writes) })
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("store connection %s: %w", conn.ID, err)
	}
	return nil
}

// putOnce puts an item, unless it is there already and has not expired.
func (t *table) putOnce(ctx context.Context, i item) error {
	_, err := t.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: i,
		ConditionExpression:       aws.String("attribute_not_exists(#pk) OR #ttl <= :now"),
		ExpressionAttributeNames:  names(attrPK, attrTTL),
		ExpressionAttributeValues: item{":now": number(t.now().Unix())},
	})
	if conditionFailed(err) { // an attempt before this one has put it
		return nil
	}
	return err
}

// membershipItem returns the item that makes a connection a member of a room.
func membershipItem(conn members.Connection, m members.Membership, st members.Status) item {
	return memberKey(conn.ID, m).with(memberItem(conn)).
		with(item{attrRoomID: text(m.RoomID)}).with(statusItem(st))
}

// Connection implements [members.Reader].
func (c *Connections) Connection(ctx context.Context, id string) (members.Connection, error) {
	i, err := c.row(ctx, id)
	if err != nil {
		return members.Connection{}, fmt.Errorf("read connection %s: %w", id, err)
	}
	return i.connection(), nil
}

// row returns the row of a connection, or ErrUnknownConnection.
func (t *table) row(ctx context.Context, id string) (item, error) {
	i, err := t.get(ctx, connectionKey(id), true)
	if err == nil && (i == nil || i.expired(t.now())) {
		err = members.ErrUnknownConnection
	}
	return i, err
}

// Remove implements [members.Remover].
func (c *Connections) Remove(ctx context.Context, conn members.Connection) error {
	mentions := []item{userKey(conn.UserID, conn.ID)}
	if !conn.TokenExpiresAt.IsZero() {
		mentions = append(mentions, expiryKey(conn.ID, conn.TokenExpiresAt))
	}
	// Each once: DynamoDB refuses a batch that names a key twice, and what the caller
	// knows of a connection may also be among its leftovers.
	mentioned := map[members.Membership]bool{}
	for _, m := range slices.Concat(conn.Rooms, conn.Leftovers) {
		if !mentioned[m] {
			mentioned[m] = true
			mentions = append(mentions, memberKey(conn.ID, m))
		}
	}
	// The connection's own row goes last, by a call of its own, because a batch may be
	// done in part: if it fails, the row still says what is left to remove.
	err := c.write(ctx, deletes(mentions))
	if err == nil {
		err = c.releaseAll(ctx, conn.Slots, conn.ID)
	}
	if err == nil {
		err = c.write(ctx, deletes([]item{connectionKey(conn.ID)}))
	}
	if err != nil {
		return fmt.Errorf("remove connection %s: %w", conn.ID, err)
	}
	return nil
}
