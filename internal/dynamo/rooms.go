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
func (c *Connections) Join(ctx context.Context, connectionID string, m realtime.Membership, st realtime.Standing, t realtime.Terms) error {
	for range listTries {
		err := c.join(ctx, connectionID, m, st, t)
		if conditionFailed(err) {
			err = c.move(ctx, connectionID, m, st, t)
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
// room. Its error is a failed condition when it is, when it is in as many rooms
// as it may be, or when there is no such connection.
func (c *Connections) join(ctx context.Context, connectionID string, m realtime.Membership, st realtime.Standing, t realtime.Terms) error {
	// The connection first: what it lists is what its end cleans up, and it
	// knows whose connection it is.
	l := listing{condition: "attribute_not_exists(#rooms.#room) OR #rooms.#room = :shard", seat: t.Seat}
	if t.MaxRooms > 0 {
		l.condition = "attribute_not_exists(#rooms.#room) AND size(#rooms) < :most OR #rooms.#room = :shard"
		l.values = item{":most": number(int64(t.MaxRooms))}
	}
	conn, err := c.list(ctx, connectionID, m, l)
	if err != nil {
		return err
	}
	return c.putMembership(ctx, conn, m, st)
}

// move stores the membership of a connection that was in another shard of the
// room: the new one first, so that at no time it is in neither, and the list of
// the connection last, so that a Join that comes to an end halfway leaves
// something behind that tells the next one what is left to do.
func (c *Connections) move(ctx context.Context, connectionID string, m realtime.Membership, st realtime.Standing, t realtime.Terms) error {
	conn, err := c.Connection(ctx, connectionID)
	if err != nil {
		return err
	}
	from, listed := shardIn(conn, m.RoomID)
	if !listed && t.MaxRooms > 0 && len(conn.Rooms) >= t.MaxRooms {
		return realtime.ErrTooManyRooms
	}
	if !listed || from == m.Shard { // only now: it is a join
		return c.join(ctx, connectionID, m, st, t)
	}
	if err := c.putMembership(ctx, conn, m, st); err != nil {
		return err
	}
	if err := c.deleteMembership(ctx, connectionID, realtime.Membership{RoomID: m.RoomID, Shard: from}); err != nil {
		return err
	}
	_, err = c.list(ctx, connectionID, m, listing{
		condition: "#rooms.#room = :from", values: item{":from": number(int64(from))}, seat: t.Seat,
	})
	return err
}

// listing is how a connection comes to list a room.
type listing struct {
	// condition is what has to hold, with values beside :shard.
	condition string
	values    item
	// seat is the seat in the room that it lists too, the zero Seat for none.
	seat realtime.Seat
}

// list notes in a connection which shard of a room it is in, and returns the
// connection.
func (c *Connections) list(ctx context.Context, connectionID string, m realtime.Membership, l listing) (realtime.Connection, error) {
	update, names := "SET #rooms.#room = :shard", roomNames(m.RoomID)
	values := item{":shard": number(int64(m.Shard)), ":now": number(c.now().Unix())}.with(l.values)
	if l.seat != (realtime.Seat{}) {
		update += ", #seats.#seat = :slot"
		nameSeat(names, l.seat)
		values[":slot"] = number(int64(l.seat.Slot))
	}
	out, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &c.name,
		Key:                       connectionKey(connectionID),
		UpdateExpression:          &update,
		ConditionExpression:       aws.String("#ttl > :now AND (" + l.condition + ")"), // and so it exists
		ExpressionAttributeNames:  names,
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
	update, names := "REMOVE #rooms.#room", roomNames(roomID)
	seat, seated := seatIn(conn, roomID)
	if seated {
		update += ", #seats.#seat"
		nameSeat(names, seat)
	}
	_, err = c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &c.name,
		Key:                       connectionKey(connectionID),
		UpdateExpression:          &update,
		ConditionExpression:       aws.String("#ttl > :now AND (attribute_not_exists(#rooms.#room) OR #rooms.#room = :shard)"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: item{":shard": number(int64(shard)), ":now": number(c.now().Unix())},
	})
	if err != nil {
		return err
	}
	// Once more: a join at the same time, which looks again afterwards whether
	// the connection lists the room, may have looked before it did not.
	if err := c.deleteMembership(ctx, connectionID, realtime.Membership{RoomID: roomID, Shard: shard}); err != nil || !seated {
		return err
	}
	// Last, so that no connection lists a seat that it does not have.
	return c.release(ctx, seat, connectionID)
}

// DropMember implements [realtime.Connections].
func (c *Connections) DropMember(ctx context.Context, connectionID string, m realtime.Membership) error {
	if err := c.deleteMembership(ctx, connectionID, m); err != nil {
		return fmt.Errorf("drop connection %s from shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
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

// seatIn returns the seat in a room that a connection lists.
func seatIn(c realtime.Connection, roomID string) (seat realtime.Seat, listed bool) {
	for _, s := range c.Seats {
		if s.Holder == realtime.HolderOfRoom(roomID) {
			return s, true
		}
	}
	return realtime.Seat{}, false
}

// nameSeat adds to the names those of a seat in the map of seats of a
// connection.
func nameSeat(names map[string]string, s realtime.Seat) {
	names["#seats"], names["#seat"] = attrSeats, string(s.Holder)
}

// roomNames names a room in the map of rooms of a connection. Its name may be
// any text, which a path cannot hold.
func roomNames(roomID string) map[string]string {
	n := names(attrRooms, attrTTL)
	n["#room"] = roomID
	return n
}
