package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Log implements [realtime.Log] on the table of messages.
type Log struct {
	api   API
	table string
}

var _ realtime.Log = (*Log)(nil)

// NewLog returns the logs in a table.
func NewLog(api API, table string) *Log {
	return &Log{api: api, table: table}
}

// Head implements [realtime.Log].
func (l *Log) Head(ctx context.Context, roomID string) (realtime.Head, error) {
	out, err := l.api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &l.table, Key: headKey(roomID), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return realtime.Head{}, fmt.Errorf("read the head of room %q: %w", roomID, err)
	}
	return item(out.Item).head(), nil
}

// Append implements [realtime.Log].
func (l *Log) Append(ctx context.Context, e realtime.Entry) (realtime.Head, error) {
	out, err := l.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &l.table,
		Key:       headKey(e.RoomID),
		UpdateExpression: aws.String("SET #epoch = if_not_exists(#epoch, :id), " +
			"#shards = if_not_exists(#shards, :one) ADD #seq :one"),
		ExpressionAttributeNames:  names(attrEpoch, attrShards, attrSeq),
		ExpressionAttributeValues: item{":id": text(e.ID), ":one": number(1)},
		ReturnValues:              types.ReturnValueAllNew,
	})
	if err != nil {
		return realtime.Head{}, fmt.Errorf("take a seq in room %q: %w", e.RoomID, err)
	}
	head := item(out.Attributes).head()
	_, err = l.api.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &l.table,
		Item: entryKey(e.RoomID, head.Seq).with(item{
			attrID:        text(e.ID),
			attrUserID:    text(e.UserID),
			attrMessage:   text(e.Message),
			attrTimestamp: number(e.Timestamp.UnixMilli()),
			attrTTL:       number(e.ExpiresAt.Unix()),
		}),
	})
	if err != nil {
		return realtime.Head{}, fmt.Errorf("store seq %d of room %q: %w", head.Seq, e.RoomID, err)
	}
	return head, nil
}

func (i item) head() realtime.Head {
	return realtime.Head{
		Seq:    i.number(attrSeq),
		Epoch:  i.text(attrEpoch),
		Shards: int(i.number(attrShards)),
	}
}
