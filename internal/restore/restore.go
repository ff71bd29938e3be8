// Package restore makes a message table safe to use after it was restored from
// a backup or to an earlier point in time.
//
// A restored room assigns seqs again that clients have already seen. A client
// that is ahead would ignore new messages under them as old. So every room's
// log gets another epoch: to a client it is another log, whose messages it
// fetches again.
package restore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"
)

// writers bounds the concurrent writes of heads.
const writers = 16

// API has the calls on the table. [dynamodb.Client] implements it.
type API interface {
	dynamodb.ScanAPIClient
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// NewEpochs gives the log of every room in a table a new epoch from newID, and
// returns the number of rooms. It reads the whole table, and writes a unit for
// each room. It can be repeated, for example after an error: clients then fetch
// once more what they show. It calls progress after each page of the table with
// the number of rooms so far.
func NewEpochs(ctx context.Context, api API, table string, newID func() string, progress func(rooms int)) (rooms int, err error) {
	pages := dynamodb.NewScanPaginator(api, &dynamodb.ScanInput{
		TableName: &table, ConsistentRead: aws.Bool(true),
		// The head of a room without messages has no epoch.
		FilterExpression:          aws.String("#sk = :head AND attribute_exists(#epoch)"),
		ProjectionExpression:      aws.String("#pk, #sk"),
		ExpressionAttributeNames:  map[string]string{"#pk": "pk", "#sk": "sk", "#epoch": "epoch"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":head": &types.AttributeValueMemberS{Value: "HEAD"}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return rooms, fmt.Errorf("scan the table %s: %w", table, err)
		}
		work, ctx := errgroup.WithContext(ctx)
		work.SetLimit(writers)
		for _, head := range page.Items {
			epoch := newID()
			work.Go(func() error { return renew(ctx, api, table, head, epoch) })
		}
		if err := work.Wait(); err != nil {
			return rooms, fmt.Errorf("write a room's head in the table %s: %w", table, err)
		}
		rooms += len(page.Items)
		progress(rooms)
	}
	return rooms, nil
}

// renew gives a log an epoch. It removes the floor, which was known of the old
// log's seqs.
func renew(ctx context.Context, api API, table string, key map[string]types.AttributeValue, epoch string) error {
	_, err := api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &table, Key: key,
		UpdateExpression:          aws.String("SET #epoch = :epoch REMOVE #floor"),
		ConditionExpression:       aws.String("attribute_exists(#epoch)"), // otherwise it has expired meanwhile
		ExpressionAttributeNames:  map[string]string{"#epoch": "epoch", "#floor": "floor"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":epoch": &types.AttributeValueMemberS{Value: epoch}},
	})
	if _, ok := errors.AsType[*types.ConditionalCheckFailedException](err); ok {
		return nil
	}
	return err
}
