package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// putTries limits how often putNew starts again. For a second time, DynamoDB would have
// to delete an expired item between its two calls.
const putTries = 3

var errVanished = errors.New("an item with that key kept vanishing")

// table is a table, with the clock that decides what has expired.
type table struct {
	api  API
	name string
	now  func() time.Time
}

// get reads one item, nil if it is missing. A strong read sees every write that returned
// before, and costs twice as much.
func (t *table) get(ctx context.Context, key item, strong bool) (item, error) {
	out, err := t.api.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: key, ConsistentRead: aws.Bool(strong),
	})
	if err != nil {
		return nil, err
	}
	return item(out.Item), nil
}

// putNew puts an item unless there is one with its key, and returns the one that is there
// then. It replaces an item that expired longer ago than overdue.
func (t *table) putNew(ctx context.Context, i item, overdue time.Duration) (item, error) {
	in := &dynamodb.PutItemInput{
		TableName:                &t.name,
		Item:                     i,
		ConditionExpression:      aws.String("attribute_not_exists(#pk) OR #ttl <= :gone"),
		ExpressionAttributeNames: names(attrPK, attrTTL),
	}
	for range putTries {
		in.ExpressionAttributeValues = item{":gone": number(t.now().Add(-overdue).Unix())}
		_, err := t.api.PutItem(ctx, in)
		if err == nil {
			return i, nil
		}
		if !conditionFailed(err) {
			return nil, err
		}
		there, err := t.get(ctx, i.key(), true)
		if err != nil {
			return nil, err
		}
		if there != nil && !there.expired(t.now().Add(-overdue)) {
			return there, nil
		}
	}
	return nil, errVanished
}

// conditionFailed reports whether a write was not done because its condition
// did not hold.
func conditionFailed(err error) bool {
	var failed *types.ConditionalCheckFailedException
	return errors.As(err, &failed)
}

// names lets an expression name attributes as #attribute, which it must if the name is
// one of DynamoDB's many reserved words.
func names(attrs ...string) map[string]string {
	m := make(map[string]string, len(attrs))
	for _, a := range attrs {
		m["#"+a] = a
	}
	return m
}
