package dynamo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/roomlog"
)

// Log keeps the logs of rooms in the table of messages.
type Log struct {
	table
}

var _ roomlog.Log = (*Log)(nil)

// NewLog returns the logs in the table with that name. The clock now decides what has expired.
func NewLog(api API, name string, now func() time.Time) *Log {
	return &Log{table{api: api, name: name, now: now}}
}

// Head implements [roomlog.Log].
func (l *Log) Head(ctx context.Context, roomID string) (roomlog.Head, error) {
	i, err := l.get(ctx, headKey(roomID), true)
	if err != nil {
		return roomlog.Head{}, fmt.Errorf("read the head of room %q: %w", roomID, err)
	}
	return i.head(), nil
}

// Advance implements [roomlog.Log]. After the retention was shortened, a head is kept for
// longer than requested, because entries of the log are. DynamoDB has no expression for
// the later of two times, so that takes another write.
func (l *Log) Advance(ctx context.Context, roomID, id string, at, expiresAt time.Time) (roomlog.Head, error) {
	update := &dynamodb.UpdateItemInput{
		TableName: &l.name,
		Key:       headKey(roomID),
		UpdateExpression: aws.String("SET #epoch = if_not_exists(#epoch, :id), " +
			"#startedAt = if_not_exists(#startedAt, :at), #advancedAt = :at, #ttl = :ttl ADD #seq :one"),
		ConditionExpression:       aws.String("attribute_not_exists(#ttl) OR #ttl <= :ttl"),
		ExpressionAttributeNames:  names(attrEpoch, attrStartedAt, attrAdvancedAt, attrSeq, attrTTL),
		ExpressionAttributeValues: item{":id": text(id), ":one": number(1), ":at": number(at.UnixMilli()), ":ttl": number(expiresAt.Unix())},
		ReturnValues:              types.ReturnValueAllNew,
	}
	out, err := l.api.UpdateItem(ctx, update)
	if conditionFailed(err) {
		kept := strings.Replace(*update.UpdateExpression, "#ttl = :ttl", "#ttl = if_not_exists(#ttl, :ttl)", 1)
		update.UpdateExpression, update.ConditionExpression = &kept, nil
		out, err = l.api.UpdateItem(ctx, update)
	}
	if err != nil {
		return roomlog.Head{}, fmt.Errorf("take a seq in room %q: %w", roomID, err)
	}
	return item(out.Attributes).head(), nil
}

// Raise implements [roomlog.Log].
func (l *Log) Raise(ctx context.Context, roomID, epoch string, floor int64) error {
	_, err := l.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &l.name,
		Key:                       headKey(roomID),
		UpdateExpression:          aws.String("SET #floor = :floor"),
		ConditionExpression:       aws.String("#epoch = :epoch AND (attribute_not_exists(#floor) OR #floor < :floor)"),
		ExpressionAttributeNames:  names(attrFloor, attrEpoch),
		ExpressionAttributeValues: item{":floor": number(floor), ":epoch": text(epoch)},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("raise the floor of room %q to seq %d: %w", roomID, floor, err)
	}
	return nil
}

// Put implements [roomlog.Log].
func (l *Log) Put(ctx context.Context, e roomlog.Entry) (roomlog.Entry, error) {
	// An expired entry counts as present: a seq never gets a second meaning. Only an entry
	// that DynamoDB should have deleted long ago belongs to a log that has ended.
	const overdue = 24 * time.Hour
	there, err := l.putNew(ctx, entryKey(e.RoomID, e.Seq).with(entryItem(e)), overdue)
	if err != nil {
		return roomlog.Entry{}, fmt.Errorf("store seq %d of room %q: %w", e.Seq, e.RoomID, err)
	}
	return there.entry(e.RoomID, e.Seq), nil
}

// Entries implements [roomlog.Log].
func (l *Log) Entries(ctx context.Context, roomID string, s roomlog.Span) ([]roomlog.Entry, error) {
	from, to := max(s.From, 0), min(s.To, maxSeq)
	if from > to {
		return nil, nil
	}
	items, err := l.query(ctx, part{
		pk: logPK(roomID), from: entrySK(from), to: entrySK(to), limit: s.Limit, backward: s.Newest,
	})
	if err != nil {
		return nil, fmt.Errorf("query seq %d to %d of room %q: %w", from, to, roomID, err)
	}
	var entries []roomlog.Entry
	for _, i := range items {
		entries = append(entries, i.entry(roomID, i.seqInKey()))
	}
	if s.Newest {
		slices.Reverse(entries)
	}
	return entries, nil
}
