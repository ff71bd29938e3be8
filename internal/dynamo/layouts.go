package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

// Layouts implements [members.Layouts] on the table of messages: a room's layout is
// in the head of its log.
type Layouts struct {
	table
}

var _ members.Layouts = (*Layouts)(nil)

// NewLayouts returns the layouts in the table with that name.
func NewLayouts(api API, name string) *Layouts {
	return &Layouts{table{api: api, name: name}}
}

// Resize implements [members.Layouts].
func (l *Layouts) Resize(ctx context.Context, roomID string, to shard.Layout, expiresAt time.Time) error {
	update := &dynamodb.UpdateItemInput{
		TableName:                &l.name,
		Key:                      headKey(roomID),
		ConditionExpression:      aws.String("#layoutVersion = :before"),
		ExpressionAttributeNames: names(attrShards, attrOpen, attrMembers, attrLayoutVersion, attrTTL),
		ExpressionAttributeValues: item{
			":shards":  number(int64(to.Shards)),
			":members": number(int64(to.Members)),
			":layout":  number(to.Version),
			":ttl":     number(expiresAt.Unix()),
		},
	}
	if to.Version == 1 { // the first one
		update.ConditionExpression = aws.String("attribute_not_exists(#layoutVersion)")
	} else {
		update.ExpressionAttributeValues[":before"] = number(to.Version - 1)
	}
	change := "SET #shards = :shards, #members = :members, #layoutVersion = :layout, #ttl = :ttl"
	if len(to.Open) > 0 { // DynamoDB has no empty set
		update.ExpressionAttributeValues[":open"] = numberSet(to.Open)
		change += ", #open = :open"
	} else {
		change += " REMOVE #open"
	}
	update.UpdateExpression = &change
	_, err := l.api.UpdateItem(ctx, update)
	if conditionFailed(err) {
		err = shard.ErrResized
	}
	if err != nil {
		return fmt.Errorf("store layout %d of room %q: %w", to.Version, roomID, err)
	}
	return nil
}
