package dynamo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Connections implements [realtime.Connections] on the table of connections.
type Connections struct {
	table
}

var _ realtime.Connections = (*Connections)(nil)

// NewConnections returns the connections in the table of a name. What has expired is
// judged by the clock now.
func NewConnections(api API, name string, now func() time.Time) *Connections {
	return &Connections{table{api: api, name: name, now: now}}
}

// Connect implements [realtime.Connections].
func (c *Connections) Connect(ctx context.Context, conn realtime.Connection) error {
	member := memberItem(conn)
	puts := []item{
		connectionKey(conn.ID).with(connectionItem(conn)),
		userKey(conn.UserID, conn.ID).with(member),
	}
	if !conn.EndsAt.IsZero() {
		puts = append(puts, endingItem(conn.ID, conn.EndsAt))
	}
	for _, m := range conn.Rooms {
		puts = append(puts, membershipItem(conn, m, realtime.Standing{}))
	}
	var writes []types.WriteRequest
	for _, put := range puts {
		writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: put}})
	}
	if err := c.write(ctx, writes); err != nil {
		return fmt.Errorf("store connection %s: %w", conn.ID, err)
	}
	return nil
}

// membershipItem returns the item that makes a connection a member of a room.
func membershipItem(conn realtime.Connection, m realtime.Membership, st realtime.Standing) item {
	return memberKey(conn.ID, m).with(memberItem(conn)).
		with(item{attrRoomID: text(m.RoomID)}).with(standingItem(st))
}

// Connection implements [realtime.Connections].
func (c *Connections) Connection(ctx context.Context, id string) (realtime.Connection, error) {
	i, err := c.row(ctx, id)
	if err != nil {
		return realtime.Connection{}, fmt.Errorf("read connection %s: %w", id, err)
	}
	return i.connection(), nil
}

// row returns the row of a connection, or ErrUnknownConnection.
func (c *Connections) row(ctx context.Context, id string) (item, error) {
	i, err := c.get(ctx, connectionKey(id), true)
	if err == nil && (i == nil || i.expired(c.now())) {
		err = realtime.ErrUnknownConnection
	}
	return i, err
}

// Remove implements [realtime.Connections].
func (c *Connections) Remove(ctx context.Context, conn realtime.Connection) error {
	mentions := []item{userKey(conn.UserID, conn.ID)}
	if !conn.EndsAt.IsZero() {
		mentions = append(mentions, endingKey(conn.ID, conn.EndsAt))
	}
	for _, m := range slices.Concat(conn.Rooms, conn.Besides) {
		mentions = append(mentions, memberKey(conn.ID, m))
	}
	// The connection's own row goes last, by a call of its own, because a
	// batch may be done in part: should it fail, the row is still there to say
	// what is left to remove.
	err := c.write(ctx, deletes(mentions))
	if err == nil {
		err = c.releaseAll(ctx, conn.Seats, conn.ID)
	}
	if err == nil {
		err = c.write(ctx, deletes([]item{connectionKey(conn.ID)}))
	}
	if err != nil {
		return fmt.Errorf("remove connection %s: %w", conn.ID, err)
	}
	return nil
}
