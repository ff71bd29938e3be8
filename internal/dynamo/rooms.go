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

// listTries bounds how often Join and Leave begin again because the same
// connection was moved to another shard of the same room in between.
const listTries = 10

var errMovedAbout = errors.New("the connection changes its shard all the time, try again later")

// Join implements its port.
//
// The connection lists the room first, so that its end cleans up whatever comes
// after. That write judges: it has the condition that the connection's rights
// are those that the caller looked at. The membership follows, and is refused
// where somebody left the room after the room was listed.
func (c *Memberships) Join(ctx context.Context, connectionID string, m members.Membership, st members.Status, t members.JoinConditions) error {
	j := joining{Memberships: c, connectionID: connectionID, m: m, st: st, terms: t}
	if err := j.join(ctx); err != nil {
		return fmt.Errorf("add connection %s to shard %d of room %q: %w", connectionID, m.Shard, m.RoomID, err)
	}
	return nil
}

// joining is one Join on its way.
type joining struct {
	*Memberships
	connectionID string
	m            members.Membership
	st           members.Status
	terms        members.JoinConditions
}

func (j *joining) join(ctx context.Context) error {
	// What is there decides only where the first attempt is refused.
	listed := "attribute_not_exists(#rooms.#room) OR #rooms.#room BETWEEN :first AND :last"
	values := item{
		":first": number(place{shard: j.m.Shard, former: -1}.number()),
		":last":  number(place{shard: j.m.Shard, former: -1, order: orders - 1}.number()),
	}
	if j.terms.MaxRooms > 0 {
		listed = "attribute_not_exists(#rooms.#room) AND size(#rooms) < :most OR #rooms.#room BETWEEN :first AND :last"
		values[":most"] = number(int64(j.terms.MaxRooms))
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
		case there && p.former >= 0: // a move that is under way, or that nobody is going to finish
			err = j.finish(ctx, row, p)
		case there && p.shard != j.m.Shard:
			row, err = j.list(ctx, p.shard, "#rooms.#room = :place", item{":place": number(p.number())})
			if err == nil {
				return j.arrive(ctx, row)
			}
		case !there && j.terms.MaxRooms > 0 && len(row.connection().Rooms) >= j.terms.MaxRooms:
			return members.ErrTooManyRooms
		}
		if err != nil && !conditionFailed(err) {
			return err
		}
	}
	return errMovedAbout
}

// current returns the connection's row, if the rights that were judged are still
// those that it has.
func (j *joining) current(ctx context.Context) (item, error) {
	row, err := j.row(ctx, j.connectionID)
	if err == nil && j.terms.Permissions != nil && row.text(attrMay) != rights(*j.terms.Permissions) {
		err = members.ErrPermissionsChanged
	}
	return row, err
}

// list notes in the connection that it is in the room, moving from another shard
// of it or from none (-1), and returns the connection's row. listed is what has
// to hold of the list before, with its values.
func (j *joining) list(ctx context.Context, from int, listed string, values item) (item, error) {
	update, names := "SET #rooms.#room = if_not_exists(#order, :zero) + :to", roomNames(j.m.RoomID)
	names["#order"] = attrOrder
	values = values.with(item{
		":to":   number(place{shard: j.m.Shard, former: from, order: 1}.number()),
		":zero": number(0), ":one": number(1), ":now": number(j.now().Unix()),
	})
	condition := "#ttl > :now" // and so it exists
	if j.terms.Permissions != nil {
		condition += " AND #may = :may"
		names["#may"], values[":may"] = attrMay, text(rights(*j.terms.Permissions))
	}
	if j.terms.Slot != (limits.Slot{}) {
		update += ", #seats.#seat = :slot"
		nameSeat(names, j.terms.Slot)
		values[":slot"] = number(int64(j.terms.Slot.Number))
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

// arrive stores the membership of a connection that lists it. A connection that
// came from another shard leaves that one last, so that it is always in one of
// them.
func (j *joining) arrive(ctx context.Context, row item) error {
	p, _ := row.place(j.m.RoomID)
	err := j.putMembership(ctx, row.connection(), j.m, j.st, p.order)
	if conditionFailed(err) {
		// Something newer is there: the membership of a later join, or the mark of
		// whoever took the connection out of the room.
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

// depart ends the membership in the shard that the connection moved from. A mark
// takes its place: the write of another join may still be on its way there.
func (j *joining) depart(ctx context.Context, row item, p place) error {
	from := members.Membership{RoomID: j.m.RoomID, Shard: p.former}
	if _, err := j.deleteMembership(ctx, j.connectionID, from, p.order); err != nil {
		return err
	}
	marks := map[members.Membership]bool{from: true}
	if err := j.mark(ctx, row, j.connectionID, marks); err != nil {
		return err
	}
	update, names := "SET #rooms.#room = :settled", map[string]string{"#rooms": attrRooms, "#room": j.m.RoomID}
	values := item{":moving": number(p.number()), ":settled": number(p.settled().number())}
	if known := remembered(row, marks); len(known) > 0 {
		update += " ADD #marks :marks"
		names["#marks"], values[":marks"] = attrMarks, textSet(known...)
	}
	_, err := j.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &j.name,
		Key:                       connectionKey(j.connectionID),
		UpdateExpression:          &update,
		ConditionExpression:       aws.String("#rooms.#room = :moving"),
		ExpressionAttributeNames:  names,
		ExpressionAttributeValues: values,
	})
	if conditionFailed(err) { // somebody else did it, or has moved the connection on
		return nil
	}
	return err
}

// putMembership stores a membership, unless something newer is there: then its
// error is a failed condition.
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

// rights returns permissions as the row of a connection has them.
func rights(p permission.Permissions) string { return string(permission.JSON(p)) }

// nameSeat adds to the names those of a seat in the map of seats of a
// connection.
func nameSeat(names map[string]string, s limits.Slot) {
	names["#seats"], names["#seat"] = attrSeats, string(s.Quota)
}

// roomNames names a room in the map of rooms of a connection. Its name may be
// any text, which a path cannot hold.
func roomNames(roomID string) map[string]string {
	n := names(attrRooms, attrTTL)
	n["#room"] = roomID
	return n
}
