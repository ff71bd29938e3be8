package dynamo

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// listTries limits how often Join and Leave start again because the same connection
// was moved to another shard of the same room in between.
const listTries = 10

var errMoving = errors.New("the connection keeps moving between shards: try again later")

// Join implements [members.Joins].
//
// The connection lists the room first, so that its end cleans up whatever comes after.
// That write checks the conditions: that the connection has the permissions that the
// caller checked, and is not in too many rooms. The membership follows, and is refused
// if the connection left the room after the room was listed.
func (c *Memberships) Join(ctx context.Context, connectionID string, m members.Membership, st members.Status, t members.JoinConditions) error {
	j := joining{Memberships: c, connectionID: connectionID, m: m, st: st, cond: t}
	if err := j.join(ctx); err != nil {
		return fmt.Errorf("add connection %s to shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
}

// joining is one Join while it is carried out.
type joining struct {
	*Memberships
	connectionID string
	m            members.Membership
	st           members.Status
	cond         members.JoinConditions
}

func (j *joining) join(ctx context.Context) error {
	// Read what is there only if the first attempt is refused.
	listed := "attribute_not_exists(#rooms.#room) OR #rooms.#room BETWEEN :first AND :last"
	values := item{
		":first": number(place{shard: j.m.Shard, former: -1}.number()),
		":last":  number(place{shard: j.m.Shard, former: -1, order: orders - 1}.number()),
	}
	if j.cond.MaxRooms > 0 {
		listed = "attribute_not_exists(#rooms.#room) AND size(#rooms) < :most OR #rooms.#room BETWEEN :first AND :last"
		values[":most"] = number(int64(j.cond.MaxRooms))
	}
	for range listTries {
		row, err := j.list(ctx, -1, listed, values)
		if err == nil {
			return j.arrive(ctx, row)
		}
		if !conditionFailed(err) {
			return err
		}
		row, err = j.current(ctx)
		if err != nil {
			return err
		}
		p, there := row.place(j.m.RoomID)
		switch {
		case there && p.former >= 0: // a move that is under way, or that was abandoned
			err = j.finish(ctx, row, p)
		case there && p.shard != j.m.Shard:
			row, err = j.list(ctx, p.shard, "#rooms.#room = :place", item{":place": number(p.number())})
			if err == nil {
				return j.arrive(ctx, row)
			}
		case !there && j.cond.MaxRooms > 0 && len(row.connection().Rooms) >= j.cond.MaxRooms:
			return members.ErrTooManyRooms
		}
		if err != nil && !conditionFailed(err) {
			return err
		}
	}
	return errMoving
}

// current returns the connection's row, if it still has the permissions that were
// checked.
func (j *joining) current(ctx context.Context) (item, error) {
	row, err := j.row(ctx, j.connectionID)
	if err == nil && j.cond.Permissions != nil && row.text(attrPermissions) != permissionsText(*j.cond.Permissions) {
		err = members.ErrPermissionsChanged
	}
	return row, err
}

// list makes the connection list the room, as moving from another shard of it or from
// none (-1), and returns the connection's row. listed is the condition on the list
// before, with its values.
func (j *joining) list(ctx context.Context, from int, listed string, values item) (item, error) {
	update, names := "SET #rooms.#room = if_not_exists(#order, :zero) + :to", roomNames(j.m.RoomID)
	names["#order"] = attrOrder
	values = values.with(item{
		":to":   number(place{shard: j.m.Shard, former: from, order: 1}.number()),
		":zero": number(0), ":one": number(1), ":now": number(j.now().Unix()),
	})
	condition := "#ttl > :now" // and so it exists
	if j.cond.Permissions != nil {
		condition += " AND #permissions = :permissions"
		names["#permissions"], values[":permissions"] = attrPermissions, text(permissionsText(*j.cond.Permissions))
	}
	if j.cond.Slot != (limits.Slot{}) {
		update += ", #slots.#slot = :slot"
		nameSlot(names, j.cond.Slot)
		values[":slot"] = number(int64(j.cond.Slot.Number))
	}
	out, err := j.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &j.name,
		Key:                       connectionKey(j.connectionID),
		UpdateExpression:          aws.String(update + " ADD #order :one"),
		ConditionExpression:       aws.String(condition + " AND (" + listed + ")"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
		ReturnValues:              types.ReturnValueAllNew,
	})
	if err != nil {
		return nil, err
	}
	return item(out.Attributes), nil
}

// arrive stores the membership of a connection that lists it. A connection that came
// from another shard leaves that one last, so that it is always in one of them.
func (j *joining) arrive(ctx context.Context, row item) error {
	p, _ := row.place(j.m.RoomID)
	err := j.putMembership(ctx, row.connection(), j.m, j.st, p.order)
	if conditionFailed(err) {
		// Something newer is there: the membership of a later join, or the tombstone of a
		// leave.
		if row, err = j.row(ctx, j.connectionID); err != nil {
			return err
		}
		if _, still := row.place(j.m.RoomID); !still {
			return members.ErrLeftMeanwhile
		}
		return nil
	}
	if err != nil || p.former < 0 {
		return err
	}
	return j.depart(ctx, row, p)
}

// finish ends a move to another shard that another Join began.
func (j *joining) finish(ctx context.Context, row item, p place) error {
	to := members.Membership{RoomID: j.m.RoomID, Shard: p.shard}
	if err := j.putMembership(ctx, row.connection(), to, j.st, p.order); err != nil && !conditionFailed(err) {
		return err
	}
	return j.depart(ctx, row, p)
}

// depart ends the membership in the shard that the connection moved from. A tombstone
// takes its place: the write of another join may still be under way there.
func (j *joining) depart(ctx context.Context, row item, p place) error {
	from := members.Membership{RoomID: j.m.RoomID, Shard: p.former}
	if _, err := j.deleteMembership(ctx, j.connectionID, from, p.order); err != nil {
		return err
	}
	tombstones := map[members.Membership]bool{from: true}
	if err := j.putTombstones(ctx, row, j.connectionID, tombstones); err != nil {
		return err
	}
	update, names := "SET #rooms.#room = :arrived", map[string]string{"#rooms": attrRooms, "#room": j.m.RoomID}
	values := item{":moving": number(p.number()), ":arrived": number(p.arrived().number())}
	if listed := listable(row, tombstones); len(listed) > 0 {
		update += " ADD #tombstones :tombstones"
		names["#tombstones"], values[":tombstones"] = attrTombstones, textSet(listed...)
	}
	_, err := j.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &j.name,
		Key:                       connectionKey(j.connectionID),
		UpdateExpression:          &update,
		ConditionExpression:       aws.String("#rooms.#room = :moving"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
	})
	if conditionFailed(err) { // another call did it, or has moved the connection on
		return nil
	}
	return err
}

// putMembership stores a membership, unless something newer is there: then its error is
// a failed condition.
func (c *Memberships) putMembership(ctx context.Context, conn members.Connection, m members.Membership, st members.Status, order int64) error {
	_, err := c.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &c.name,
		Item: membershipItem(conn, m, st).with(item{
			attrOrder: number(order), attrJoinedAt: number(c.now().UnixMilli()),
		}),
		ConditionExpression:       aws.String("attribute_not_exists(#order) OR #order <= :order OR #ttl <= :now"),
		ExpressionAttributeNames:  names(attrOrder, attrTTL),
		ExpressionAttributeValues: item{":order": number(order), ":now": number(c.now().Unix())},
	})
	return err
}

// permissionsText returns permissions as the row of a connection has them.
func permissionsText(p permission.Permissions) string { return string(permission.JSON(p)) }

// nameSlot adds the names of a slot in the slots of a connection.
func nameSlot(names map[string]string, s limits.Slot) {
	names["#slots"], names["#slot"] = attrSlots, string(s.Quota)
}

// roomNames names a room in the rooms of a connection. The room's name may be any text,
// which a document path cannot hold.
func roomNames(roomID string) map[string]string {
	n := names(attrRooms, attrTTL)
	n["#room"] = roomID
	return n
}
