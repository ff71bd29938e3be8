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

// lateWrites is how long after a membership was stored its write may be applied a
// second time: the SDK resends a request without an answer, and a table may carry out
// both.
const lateWrites = 30 * time.Second

// Leave implements [members.Leaves].
func (c *Memberships) Leave(ctx context.Context, connectionID, roomID string) error {
	if err := c.leave(ctx, connectionID, roomID); err != nil {
		return fmt.Errorf("remove connection %s from room %q: %w", connectionID, roomID, err)
	}
	return nil
}

// leave deletes the memberships first, because a connection that still lists the room
// cleans them up when it ends. A write of a join may still be under way then. If so, a
// tombstone takes the key of the membership, and refuses the write whenever it is
// applied.
func (c *Memberships) leave(ctx context.Context, connectionID, roomID string) error {
	tombstones := map[members.Membership]bool{}
	var slot limits.Slot
	var held bool
	for range listTries {
		row, err := c.row(ctx, connectionID)
		if errors.Is(err, members.ErrUnknownConnection) {
			// A write that is applied late adds a member that is gone, like any write after
			// the end of its connection.
			_, err = c.deleteMembership(ctx, connectionID, members.Membership{RoomID: roomID}, orders)
			return err
		}
		if err != nil {
			return err
		}
		p, listed := row.place(roomID)
		if !listed {
			if len(tombstones) == 0 {
				m := members.Membership{RoomID: roomID}
				stored, err := c.deleteMembership(ctx, connectionID, m, row.number(attrOrder))
				if err != nil {
					return err
				}
				tombstones[m] = stored != nil && !c.isOld(stored)
			}
			err := c.putTombstones(ctx, row, connectionID, tombstones)
			if _, still := slotIn(row.connection(), roomID); err != nil || !held || still {
				return err
			}
			// An earlier attempt to delist it was carried out, and had no answer.
			return c.release(ctx, slot, connectionID)
		}
		for _, m := range p.memberships(roomID) {
			stored, err := c.deleteMembership(ctx, connectionID, m, p.order)
			if err != nil {
				return err
			}
			// The write of this join itself, if it is long over, is not under way.
			tombstones[m] = tombstones[m] || stored == nil || stored.number(attrOrder) != p.order || !c.isOld(stored)
		}
		slot, held = slotIn(row.connection(), roomID)
		row, err = c.delist(ctx, connectionID, roomID, p, slot, listable(row, tombstones))
		if conditionFailed(err) { // it was moved, or joined once more
			continue
		}
		if err == nil {
			err = c.putTombstones(ctx, row, connectionID, tombstones)
		}
		if err != nil || !held {
			return err
		}
		// Last, so that no connection lists a slot that it does not hold.
		return c.release(ctx, slot, connectionID)
	}
	return errMoving
}

// delist removes a room, and the slot in it, from the lists of a connection if it has
// that place there, lists the tombstones, and returns the connection's row.
func (c *Memberships) delist(ctx context.Context, connectionID, roomID string, p place, slot limits.Slot, tombstones []string) (item, error) {
	update, names := "REMOVE #rooms.#room", roomNames(roomID)
	names["#order"] = attrOrder
	values := item{":place": number(p.number()), ":one": number(1), ":now": number(c.now().Unix())}
	add := " ADD #order :one"
	if len(tombstones) > 0 {
		add += ", #tombstones :tombstones"
		names["#tombstones"], values[":tombstones"] = attrTombstones, textSet(tombstones...)
	}
	if slot != (limits.Slot{}) {
		update += ", #slots.#slot"
		nameSlot(names, slot)
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

// putTombstones refuses memberships that earlier joins are still about to store. The
// tombstones expire with the connection.
func (c *Memberships) putTombstones(ctx context.Context, row item, connectionID string, tombstones map[members.Membership]bool) error {
	order, expires := row.number(attrOrder), row.number(attrTTL)
	for m, needed := range tombstones {
		if !needed {
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

// maxTombstoneBytes limits what a connection's row lists of its tombstones: one in a
// room with the longest name, or many.
const maxTombstoneBytes = 600

// listable returns the keys of the tombstones that a connection's row is to list. The
// end of the connection deletes them. Otherwise a client that connects, joins a room,
// leaves it and disconnects, over and over, would fill the room with tombstones that
// every message reads. Tombstones that the row has no room for are left to their ttl.
func listable(row item, tombstones map[members.Membership]bool) []string {
	known := row.textSet(attrTombstones)
	bytes := 0
	for _, at := range known {
		bytes += len(at)
	}
	var more []string
	for m, needed := range tombstones {
		at := shardPK(m.RoomID, m.Shard)
		if !needed || slices.Contains(known, at) || bytes+len(at) > maxTombstoneBytes {
			continue
		}
		bytes += len(at)
		more = append(more, at)
	}
	return more
}

// deleteMembership deletes a membership that is not newer than an order, and returns
// what was stored of it, nil if nothing was. A tombstone stays: it may be there for
// a write that is still under way.
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

// isOld reports whether a membership was stored so long ago that the same write will
// not be applied again.
func (c *Memberships) isOld(membership item) bool {
	stored := max(membership.number(attrJoinedAt), membership.number(attrConnectedAt)) // $connect stores no joinedAt
	return c.now().Sub(time.UnixMilli(stored)) > lateWrites
}

// DropMember implements [members.Strays].
func (c *Memberships) DropMember(ctx context.Context, connectionID string, m members.Membership) error {
	if _, err := c.deleteMembership(ctx, connectionID, m, orders); err != nil {
		return fmt.Errorf("drop connection %s from shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
}

// slotIn returns the slot in a room that a connection lists.
func slotIn(c members.Connection, roomID string) (slot limits.Slot, listed bool) {
	for _, s := range c.Slots {
		if s.Quota == limits.RoomQuota(roomID) {
			return s, true
		}
	}
	return limits.Slot{}, false
}
