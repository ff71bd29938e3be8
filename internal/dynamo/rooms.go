package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// listTries bounds how often Join and Leave begin again because the same
// connection was moved to another shard of the same room in between.
const listTries = 5

var errMovedAbout = errors.New("the connection changes its shard all the time, try again later")

// Join implements [realtime.Connections].
func (c *Connections) Join(ctx context.Context, connectionID string, m realtime.Membership, st realtime.Standing) error {
	for range listTries {
		err := c.join(ctx, connectionID, m, st)
		if conditionFailed(err) {
			err = c.move(ctx, connectionID, m, st)
		}
		if err == nil {
			return nil
		}
		if !conditionFailed(err) {
			return fmt.Errorf("add connection %s to shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
		}
	}
	return fmt.Errorf("add connection %s to room %q: %w", connectionID, m.RoomID, errMovedAbout)
}

// join stores a membership unless the connection is in another shard of the
// room. Its error is a failed condition when it is, or when there is no such
// connection.
func (c *Connections) join(ctx context.Context, connectionID string, m realtime.Membership, st realtime.Standing) error {
	// The connection first: what it lists is what its end cleans up, and it
	// knows whose connection it is.
	conn, err := c.list(ctx, connectionID, m, "attribute_not_exists(#rooms.#room) OR #rooms.#room = :shard", m.Shard)
	if err != nil {
		return err
	}
	return c.putMembership(ctx, conn, m, st)
}

// move stores the membership of a connection that was in another shard of the
// room: the new one first, so that at no time it is in neither, and the list of
// the connection last, so that a Join that comes to an end halfway leaves
// something behind that tells the next one what is left to do.
func (c *Connections) move(ctx context.Context, connectionID string, m realtime.Membership, st realtime.Standing) error {
	conn, err := c.Connection(ctx, connectionID)
	if err != nil {
		return err
	}
	from, listed := shardIn(conn, m.RoomID)
	if !listed || from == m.Shard { // only now: it is a join
		return c.join(ctx, connectionID, m, st)
	}
	if err := c.putMembership(ctx, conn, m, st); err != nil {
		return err
	}
	if err := c.deleteMembership(ctx, connectionID, realtime.Membership{RoomID: m.RoomID, Shard: from}); err != nil {
		return err
	}
	_, err = c.list(ctx, connectionID, m, "#rooms.#room = :from", from)
	return err
}

// list notes in a connection which shard of a room it is in, and returns the
// connection. The condition can name another shard as :from.
func (c *Connections) list(ctx context.Context, connectionID string, m realtime.Membership, condition string, from int) (realtime.Connection, error) {
	values := item{":shard": number(int64(m.Shard)), ":now": number(c.now().Unix())}
	if from != m.Shard { // DynamoDB refuses values that are not used
		values[":from"] = number(int64(from))
	}
	out, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &c.name,
		Key:                       connectionKey(connectionID),
		UpdateExpression:          aws.String("SET #rooms.#room = :shard"),
		ConditionExpression:       aws.String("#ttl > :now AND (" + condition + ")"), // and so it exists
		ExpressionAttributeNames:  roomNames(m.RoomID),
		ExpressionAttributeValues: values,
		ReturnValues:              types.ReturnValueAllNew,
	})
	if err != nil {
		return realtime.Connection{}, err
	}
	return item(out.Attributes).connection(), nil
}

// Leave implements [realtime.Connections].
func (c *Connections) Leave(ctx context.Context, connectionID, roomID string) error {
	for range listTries {
		err := c.leave(ctx, connectionID, roomID)
		if err == nil {
			return nil
		}
		if !conditionFailed(err) {
			return fmt.Errorf("remove connection %s from room %q: %w", connectionID, roomID, err)
		}
	}
	return fmt.Errorf("remove connection %s from room %q: %w", connectionID, roomID, errMovedAbout)
}

// leave removes a membership. Its error is a failed condition when the
// connection was moved or removed in between.
func (c *Connections) leave(ctx context.Context, connectionID, roomID string) error {
	conn, err := c.Connection(ctx, connectionID)
	if err != nil && !errors.Is(err, realtime.ErrUnknownConnection) {
		return err
	}
	shard, listed := shardIn(conn, roomID)
	// The membership first: a connection that still lists the room cleans it up.
	if err := c.deleteMembership(ctx, connectionID, realtime.Membership{RoomID: roomID, Shard: shard}); err != nil || !listed {
		return err
	}
	_, err = c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &c.name,
		Key:                       connectionKey(connectionID),
		UpdateExpression:          aws.String("REMOVE #rooms.#room"),
		ConditionExpression:       aws.String("#ttl > :now AND (attribute_not_exists(#rooms.#room) OR #rooms.#room = :shard)"),
		ExpressionAttributeNames:  roomNames(roomID),
		ExpressionAttributeValues: item{":shard": number(int64(shard)), ":now": number(c.now().Unix())},
	})
	return err
}

func (c *Connections) putMembership(ctx context.Context, conn realtime.Connection, m realtime.Membership, st realtime.Standing) error {
	_, err := c.api.PutItem(ctx, &dynamodb.PutItemInput{TableName: &c.name, Item: membershipItem(conn, m, st)})
	return err
}

func (c *Connections) deleteMembership(ctx context.Context, connectionID string, m realtime.Membership) error {
	_, err := c.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &c.name, Key: memberKey(connectionID, m)})
	return err
}

// shardIn returns the shard of a room that a connection lists, 0 and false when
// it does not list the room.
func shardIn(c realtime.Connection, roomID string) (shard int, listed bool) {
	for _, m := range c.Rooms {
		if m.RoomID == roomID {
			return m.Shard, true
		}
	}
	return 0, false
}

// roomNames names a room in the map of rooms of a connection. Its name may be
// any text, which a path cannot hold.
func roomNames(roomID string) map[string]string {
	n := names(attrRooms, attrTTL)
	n["#room"] = roomID
	return n
}
