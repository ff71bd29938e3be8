package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
)

// State implements [inbox.Store].
func (b *Inboxes) State(ctx context.Context, userID string) (inbox.State, error) {
	state, err := b.get(ctx, stateKey(userID), true)
	if err != nil {
		return inbox.State{}, fmt.Errorf("read the state of the inbox of user %q: %w", userID, err)
	}
	return inbox.State{
		Count: state.number(attrCount), Dropped: state.number(attrDropped), DroppedAcked: state.number(attrDroppedAcked),
	}, nil
}

// AcknowledgeDropped implements [inbox.Store]. It writes a total and no difference, so that it
// may be repeated.
func (b *Inboxes) AcknowledgeDropped(ctx context.Context, userID string, upTo int64) error {
	_, err := b.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:        &b.name,
		Key:              stateKey(userID),
		UpdateExpression: aws.String("SET #droppedAcked = :upTo"),
		ConditionExpression: aws.String(
			"#dropped >= :upTo AND (attribute_not_exists(#droppedAcked) OR #droppedAcked < :upTo)"),
		ExpressionAttributeNames:  names(attrDropped, attrDroppedAcked),
		ExpressionAttributeValues: item{":upTo": number(upTo)},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("acknowledge the dropped notifications of user %q up to number %d: %w", userID, upTo, err)
	}
	return nil
}
