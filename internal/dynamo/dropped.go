package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
)

// State implements [realtime.Inboxes].
func (b *Inboxes) State(ctx context.Context, userID string) (inbox.State, error) {
	state, err := b.get(ctx, stateKey(userID), true)
	if err != nil {
		return inbox.State{}, fmt.Errorf("read the state of the inbox of user %q: %w", userID, err)
	}
	return inbox.State{
		Count: state.number(attrKept), Dropped: state.number(attrDropped), DroppedAcked: state.number(attrForgiven),
	}, nil
}

// Forgive implements [realtime.Inboxes]. It writes a total and no difference, so
// that it may be repeated.
func (b *Inboxes) AcknowledgeDropped(ctx context.Context, userID string, upTo int64) error {
	_, err := b.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:        &b.name,
		Key:              stateKey(userID),
		UpdateExpression: aws.String("SET #forgiven = :upTo"),
		ConditionExpression: aws.String(
			"#dropped >= :upTo AND (attribute_not_exists(#forgiven) OR #forgiven < :upTo)"),
		ExpressionAttributeNames:  names(attrDropped, attrForgiven),
		ExpressionAttributeValues: item{":upTo": number(upTo)},
	})
	if err != nil && !conditionFailed(err) {
		return fmt.Errorf("forgive user %q the dropped notifications up to number %d: %w", userID, upTo, err)
	}
	return nil
}
