package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// inTheAir is how long after a membership was stored its write may be applied a
// second time: the SDK sends again what it got no answer to, and a table may
// carry out both.
const inTheAir = 30 * time.Second

// Leave implements [realtime.Connections].
func (c *Connections) Leave(ctx context.Context, connectionID, roomID string) error {
	if err := c.leave(ctx, connectionID, roomID); err != nil {
		return fmt.Errorf("remove connection %s from room %q: %w", connectionID, roomID, err)
	}
	return nil
}

// leave deletes the memberships first, because a connection that still lists the
// room cleans them up at its end. A write of a join may still be on its way
// then. Where that can be, a mark goes under the key of the membership, which
// refuses the write whenever it is applied.
func (c *Connections) leave(ctx context.Context, connectionID, roomID string) error {
	marks := map[realtime.Membership]bool{}
	for range listTries {
		row, err := c.row(ctx, connectionID)
		if errors.Is(err, realtime.ErrUnknownConnection) {
			row, err = item{}, nil
		}
		if err != nil {
			return err
		}
		p, listed := row.place(roomID)
		if !listed {
			if len(marks) > 0 {
				return c.mark(ctx, row, connectionID, marks)
			}
			_, err := c.deleteMembership(ctx, connectionID, realtime.Membership{RoomID: roomID}, row.number(attrOrder))
			return err
		}
		for _, m := range p.memberships(roomID) {
			final, err := c.deleteMembership(ctx, connectionID, m, p.order)
			if err != nil {
				return err
			}
			if !final {
				marks[m] = true
			}
		}
		seat, seated := seatIn(row.connection(), roomID)
		row, err = c.delist(ctx, connectionID, roomID, p, seat)
		if conditionFailed(err) { // it was moved, or joined once more
			continue
		}
		if err == nil {
			err = c.mark(ctx, row, connectionID, marks)
		}
		if err != nil || !seated {
			return err
		}
		// Last, so that no connection lists a seat that it does not have.
		return c.release(ctx, seat, connectionID)
	}
	return errMovedAbout
}

// delist takes a room, and the seat in it, off the list of a connection where it
// has that place, and returns the connection's row.
func (c *Connections) delist(ctx context.Context, connectionID, roomID string, p place, seat realtime.Seat) (item, error) {
	update, names := "REMOVE #rooms.#room", roomNames(roomID)
	names["#order"] = attrOrder
	if seat != (realtime.Seat{}) {
		update += ", #seats.#seat"
		nameSeat(names, seat)
	}
	out, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &c.name,
		Key:                      connectionKey(connectionID),
		UpdateExpression:         aws.String(update + " ADD #order :one"),
		ConditionExpression:      aws.String("#ttl > :now AND #rooms.#room = :place"),
		ExpressionAttributeNames: names,
		ExpressionAttributeValues: item{
			":place": number(p.number()), ":one": number(1), ":now": number(c.now().Unix()),
		},
		ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return nil, err
	}
	return item(out.Attributes), nil
}

// mark refuses memberships that joins before now are still about to store. The
// marks expire with the connection.
func (c *Connections) mark(ctx context.Context, row item, connectionID string, marks map[realtime.Membership]bool) error {
	order, expires := row.number(attrOrder), row.number(attrTTL)
	if expires == 0 {
		expires = c.now().Add(realtime.ConnectionLifetime).Unix()
	}
	for m := range marks {
		_, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &c.name,
			Key:       memberKey(connectionID, m),
			// Without a connectionId it is no member: a late write may be there already.
			UpdateExpression:          aws.String("SET #order = :order, #ttl = :ttl REMOVE #connectionId"),
			ConditionExpression:       aws.String("attribute_not_exists(#order) OR #order <= :order"),
			ExpressionAttributeNames:  names(attrOrder, attrTTL, attrConnectionID),
			ExpressionAttributeValues: item{":order": number(order), ":ttl": number(expires)},
		})
		if err != nil && !conditionFailed(err) {
			return err
		}
	}
	return nil
}

// deleteMembership deletes a membership, or a mark, that is not newer than an
// order. final says that no write of that order can still be on its way: the one
// that stored the membership is long over.
func (c *Connections) deleteMembership(ctx context.Context, connectionID string, m realtime.Membership, order int64) (final bool, err error) {
	out, err := c.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                 &c.name,
		Key:                       memberKey(connectionID, m),
		ConditionExpression:       aws.String("attribute_not_exists(#order) OR #order <= :order"),
		ExpressionAttributeNames:  names(attrOrder),
		ExpressionAttributeValues: item{":order": number(order)},
		ReturnValues:              types.ReturnValueAllOld,
	})
	if conditionFailed(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	old := item(out.Attributes)
	stored := max(old.number(attrJoinedAt), old.number(attrConnectedAt)) // $connect stores no joinedAt
	age := c.now().Sub(time.UnixMilli(stored))
	return old.number(attrOrder) == order && age > inTheAir, nil
}

// DropMember implements [realtime.Connections].
func (c *Connections) DropMember(ctx context.Context, connectionID string, m realtime.Membership) error {
	if _, err := c.deleteMembership(ctx, connectionID, m, orders); err != nil {
		return fmt.Errorf("drop connection %s from shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
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
