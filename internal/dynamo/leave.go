package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// inTheAir is how long after a membership was stored its write may be applied a
// second time: the SDK sends again what it got no answer to, and a table may
// carry out both.
const inTheAir = 30 * time.Second

// Leave implements its port.
func (c *Memberships) Leave(ctx context.Context, connectionID, roomID string) error {
	if err := c.leave(ctx, connectionID, roomID); err != nil {
		return fmt.Errorf("remove connection %s from room %q: %w", connectionID, roomID, err)
	}
	return nil
}

// leave deletes the memberships first, because a connection that still lists the
// room cleans them up at its end. A write of a join may still be on its way
// then. Where that can be, a mark goes under the key of the membership, which
// refuses the write whenever it is applied.
func (c *Memberships) leave(ctx context.Context, connectionID, roomID string) error {
	marks := map[members.Membership]bool{}
	var seat limits.Slot
	var seated bool
	for range listTries {
		row, err := c.row(ctx, connectionID)
		if errors.Is(err, members.ErrUnknownConnection) {
			// What is written late for it is a member that is gone, as any that comes
			// after the end of its connection.
			_, err = c.deleteMembership(ctx, connectionID, members.Membership{RoomID: roomID}, orders)
			return err
		}
		if err != nil {
			return err
		}
		p, listed := row.place(roomID)
		if !listed {
			if len(marks) == 0 {
				m := members.Membership{RoomID: roomID}
				stored, err := c.deleteMembership(ctx, connectionID, m, row.number(attrOrder))
				if err != nil {
					return err
				}
				marks[m] = stored != nil && !c.isOld(stored)
			}
			err := c.mark(ctx, row, connectionID, marks)
			if _, still := seatIn(row.connection(), roomID); err != nil || !seated || still {
				return err
			}
			// An attempt to take it off the list was carried out, and had no answer.
			return c.release(ctx, seat, connectionID)
		}
		for _, m := range p.memberships(roomID) {
			stored, err := c.deleteMembership(ctx, connectionID, m, p.order)
			if err != nil {
				return err
			}
			// The write of this very join, if it is long over, is not on its way.
			marks[m] = marks[m] || stored == nil || stored.number(attrOrder) != p.order || !c.isOld(stored)
		}
		seat, seated = seatIn(row.connection(), roomID)
		row, err = c.delist(ctx, connectionID, roomID, p, seat, remembered(row, marks))
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
// has that place, notes the marks that it gets, and returns the connection's row.
func (c *Memberships) delist(ctx context.Context, connectionID, roomID string, p place, seat limits.Slot, marks []string) (item, error) {
	update, names := "REMOVE #rooms.#room", roomNames(roomID)
	names["#order"] = attrOrder
	values := item{":place": number(p.number()), ":one": number(1), ":now": number(c.now().Unix())}
	add := " ADD #order :one"
	if len(marks) > 0 {
		add += ", #marks :marks"
		names["#marks"], values[":marks"] = attrMarks, textSet(marks...)
	}
	if seat != (limits.Slot{}) {
		update += ", #seats.#seat"
		nameSeat(names, seat)
	}
	out, err := c.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &c.name,
		Key:                       connectionKey(connectionID),
		UpdateExpression:          aws.String(update + add),
		ConditionExpression:       aws.String("#ttl > :now AND #rooms.#room = :place"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
		ReturnValues:              types.ReturnValueAllNew,
	})
	if err != nil {
		return nil, err
	}
	return item(out.Attributes), nil
}

// mark refuses memberships that joins before now are still about to store. The
// marks expire with the connection.
func (c *Memberships) mark(ctx context.Context, row item, connectionID string, marks map[members.Membership]bool) error {
	order, expires := row.number(attrOrder), row.number(attrTTL)
	for m, marked := range marks {
		if !marked {
			continue
		}
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

// maxMarkBytes bounds what a connection's row takes for the marks that it knows of:
// one in a room of the longest name, or many.
const maxMarkBytes = 600

// remembered returns what a connection notes of marks: where they are. Its end
// deletes them. Else who comes, joins a room, leaves it at once and goes, over and
// over, would fill it with marks that every message reads. Marks that the row has
// no room for are left to their ttl.
func remembered(row item, marks map[members.Membership]bool) []string {
	known := row.textSet(attrMarks)
	bytes := 0
	for _, at := range known {
		bytes += len(at)
	}
	var more []string
	for m, marked := range marks {
		at := shardPK(m.RoomID, m.Shard)
		if !marked || slices.Contains(known, at) || bytes+len(at) > maxMarkBytes {
			continue
		}
		bytes += len(at)
		more = append(more, at)
	}
	return more
}

// deleteMembership deletes a membership that is not newer than an order, and
// returns what was stored of it, nil for nothing. A mark stays: it may be there for
// a write that is still on its way.
func (c *Memberships) deleteMembership(ctx context.Context, connectionID string, m members.Membership, order int64) (item, error) {
	out, err := c.api.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName:                 &c.name,
		Key:                       memberKey(connectionID, m),
		ConditionExpression:       aws.String("attribute_exists(#connectionId) AND (attribute_not_exists(#order) OR #order <= :order)"),
		ExpressionAttributeNames:  names(attrOrder, attrConnectionID),
		ExpressionAttributeValues: item{":order": number(order)},
		ReturnValues:              types.ReturnValueAllOld,
	})
	if conditionFailed(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return item(out.Attributes), nil
}

// isOld says that a membership was stored so long ago that the same write is not
// carried out once more.
func (c *Memberships) isOld(membership item) bool {
	stored := max(membership.number(attrJoinedAt), membership.number(attrConnectedAt)) // $connect stores no joinedAt
	return c.now().Sub(time.UnixMilli(stored)) > inTheAir
}

// DropMember implements its port.
func (c *Memberships) DropMember(ctx context.Context, connectionID string, m members.Membership) error {
	if _, err := c.deleteMembership(ctx, connectionID, m, orders); err != nil {
		return fmt.Errorf("drop connection %s from shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
}

// seatIn returns the seat in a room that a connection lists.
func seatIn(c members.Connection, roomID string) (seat limits.Slot, listed bool) {
	for _, s := range c.Slots {
		if s.Quota == limits.RoomQuota(roomID) {
			return s, true
		}
	}
	return limits.Slot{}, false
}
