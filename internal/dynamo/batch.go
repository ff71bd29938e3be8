package dynamo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// batchSize is the maximum number of writes in one call.
	batchSize = 25
	// batchTries limits the calls for one batch. DynamoDB returns the writes that it had no
	// capacity for, and the SDK does not resend those by itself.
	batchTries = 6
	// batchBackoff bounds the random wait before the second call; it doubles
	// for each further one, which makes 1.6 s at most in all.
	batchBackoff = 50 * time.Millisecond
)

var errUnprocessed = errors.New("the table has no capacity for these writes, try again later")

// write carries out writes, in their order batch by batch. It returns when all
// of them are done, or an error.
func (t *table) write(ctx context.Context, writes []types.WriteRequest) error {
	for len(writes) > 0 {
		n := min(len(writes), batchSize)
		if err := t.writeBatch(ctx, writes[:n]); err != nil {
			return err
		}
		writes = writes[n:]
	}
	return nil
}

func (t *table) writeBatch(ctx context.Context, writes []types.WriteRequest) error {
	for try := range batchTries {
		out, err := t.api.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{t.name: writes},
		})
		if err != nil {
			return err
		}
		if writes = out.UnprocessedItems[t.name]; len(writes) == 0 {
			return nil
		}
		if err := retry.Sleep(ctx, retry.FullJitter(batchBackoff, batchBackoff<<batchTries, try)); err != nil {
			return err
		}
	}
	return errUnprocessed
}

// deletes returns the writes that delete what has these keys.
func deletes(keys []item) []types.WriteRequest {
	var writes []types.WriteRequest
	for _, k := range keys {
		writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k}})
	}
	return writes
}
