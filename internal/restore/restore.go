// Package restore makes a table of messages safe to use that was restored from a
// backup, or as it was at an earlier point in time.
//
// A restored room gives seqs away again that clients have already seen. A client
// that is ahead would take what it gets under them for old messages. So every
// room's log gets another epoch: to a client it is another log, whose messages it
// fetches anew.
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

// writers is how many heads are written at the same time.
const writers = 16

// API are the calls on the table. [dynamodb.Client] has them.
type API interface {
	dynamodb.ScanAPIClient
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
}

// NewEpochs gives the log of every room in a table a new epoch, which newID
// returns, and returns how many rooms that were. It reads the whole table, and
// writes a unit for each room. Doing it again, as after an error, does no harm:
// clients fetch once more what they show. It calls progress after each page of
// the table with the number of rooms so far.
func NewEpochs(ctx context.Context, api API, table string, newID func() string, progress func(rooms int)) (rooms int, err error) {
	pages := dynamodb.NewScanPaginator(api, &dynamodb.ScanInput{
		TableName: &table, ConsistentRead: aws.Bool(true),
		// A room that never had a message has a head without an epoch.
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

// renew gives a log an epoch. Its floor is taken away: what was known of the seqs
// was known of another log.
func renew(ctx context.Context, api API, table string, key map[string]types.AttributeValue, epoch string) error {
	_, err := api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &table, Key: key,
		UpdateExpression:          aws.String("SET #epoch = :epoch REMOVE #floor"),
		ConditionExpression:       aws.String("attribute_exists(#epoch)"), // or else it has expired meanwhile
		ExpressionAttributeNames:  map[string]string{"#epoch": "epoch", "#floor": "floor"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":epoch": &types.AttributeValueMemberS{Value: epoch}},
	})
	var gone *types.ConditionalCheckFailedException
	if errors.As(err, &gone) {
		return nil
	}
	return err
}
