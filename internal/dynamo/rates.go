package dynamo

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/realtime"
)

// Rates implements [realtime.Rates] on the table of connections.
type Rates struct {
	table
}

var _ realtime.Rates = (*Rates)(nil)

// NewRates returns the rates in the table of a name.
func NewRates(api API, name string) *Rates {
	return &Rates{table{api: api, name: name}}
}

// Spend implements [realtime.Rates]. It is one call that writes one unit,
// whether it counts or not. Every window has an item of its own, so that none
// has to be read, or reset, first.
func (r *Rates) Spend(ctx context.Context, userID string, window int64, most int, expiresAt time.Time) error {
	_, err := r.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                &r.name,
		Key:                      key("RATE#"+userID, strconv.FormatInt(window, 10)),
		UpdateExpression:         aws.String("ADD #n :one SET #ttl = :ttl"),
		ConditionExpression:      aws.String("attribute_not_exists(#n) OR #n < :most"),
		ExpressionAttributeNames: names(attrN, attrTTL),
		ExpressionAttributeValues: item{
			":one": number(1), ":most": number(int64(most)), ":ttl": number(expiresAt.Unix()),
		},
	})
	if conditionFailed(err) {
		err = realtime.ErrSpent
	}
	if err != nil {
		return fmt.Errorf("count in window %d of user %q: %w", window, userID, err)
	}
	return nil
}
