package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// forgiveTries bounds how often Forgive begins again: the number has to grow
// between two calls for a second time, or there is none.
const forgiveTries = 2

// Dropped implements [realtime.Inboxes].
func (b *Inboxes) Dropped(ctx context.Context, userID string) (int64, error) {
	state, err := b.get(ctx, stateKey(userID), true)
	if err != nil {
		return 0, fmt.Errorf("read the state of the inbox of user %q: %w", userID, err)
	}
	return state.number(attrDropped), nil
}

// Forgive implements [realtime.Inboxes]. It does without a read, which those
// who acknowledge need for nothing else.
func (b *Inboxes) Forgive(ctx context.Context, userID string, n int64) error {
	for range forgiveTries {
		for _, change := range []struct{ update, condition string }{
			{"SET #dropped = #dropped - :n", "#dropped >= :n"},
			{"REMOVE #dropped", "#dropped < :n"},
		} {
			_, err := b.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName:                 &b.name,
				Key:                       stateKey(userID),
				UpdateExpression:          aws.String(change.update),
				ConditionExpression:       aws.String(change.condition), // fails where there is no number
				ExpressionAttributeNames:  names(attrDropped),
				ExpressionAttributeValues: item{":n": number(n)},
			})
			if err == nil {
				return nil
			}
			if !conditionFailed(err) {
				return fmt.Errorf("forgive user %q %d dropped notifications: %w", userID, n, err)
			}
		}
	}
	return nil
}
