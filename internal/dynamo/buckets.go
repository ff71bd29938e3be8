package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/limits"
)

// bucketSpare is how long a bucket is kept after it is full, for clocks that differ.
const bucketSpare = time.Minute

// Buckets keeps token buckets in the table of connections.
type Buckets struct {
	table
}

var _ limits.Buckets = (*Buckets)(nil)

// NewBuckets returns the buckets in the table with that name.
func NewBuckets(api API, name string) *Buckets {
	return &Buckets{table{api: api, name: name}}
}

// Withdraw implements [limits.Buckets]. A bucket is an item that says when it is full; a
// missing bucket is full. DynamoDB has no expression for the later of two times, so there
// are two writes, one for a full bucket and one for any other. FullAt in w says which to
// try, and spares the other.
func (r *Buckets) Withdraw(ctx context.Context, key limits.BucketKey, w limits.Withdrawal) (time.Time, error) {
	now := number(w.At.UnixMicro())
	if !w.FullAt.After(w.At) {
		then := w.At.Add(w.Cost)
		fullAt, err := r.withdraw(ctx, key, bucketChange{
			update: "SET #fullAt = :full, #ttl = :ttl", condition: "attribute_not_exists(#fullAt) OR #fullAt <= :now",
			values: item{":full": number(then.UnixMicro()), ":now": now}, ttl: then,
		})
		if !conditionFailed(err) {
			return fullAt, err
		}
	}
	if latest := w.At.Add(w.Burst - w.Cost); latest.After(w.At) {
		fullAt, err := r.withdraw(ctx, key, bucketChange{
			update: "SET #ttl = :ttl ADD #fullAt :cost", condition: "#fullAt <= :latest",
			values: item{":cost": number(w.Cost.Microseconds()), ":latest": number(latest.UnixMicro())}, ttl: w.At.Add(w.Burst),
		})
		if !conditionFailed(err) {
			return fullAt, err
		}
	}
	there, err := r.get(ctx, bucketKey(key), true)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the bucket %q: %w", key, err)
	}
	return time.UnixMicro(there.number(attrFullAt)), fmt.Errorf("take %v out of the bucket %q: %w", w.Cost, key, limits.ErrRateLimited)
}

// bucketChange is a write that takes something out of a bucket.
type bucketChange struct {
	update, condition string
	values            item
	ttl               time.Time
}

// withdraw takes something out of a bucket, and returns when it will be full.
func (r *Buckets) withdraw(ctx context.Context, key limits.BucketKey, c bucketChange) (time.Time, error) {
	out, err := r.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &r.name,
		Key:                       bucketKey(key),
		UpdateExpression:          &c.update,
		ConditionExpression:       &c.condition,
		ExpressionAttributeNames:  names(attrFullAt, attrTTL),
		ExpressionAttributeValues: c.values.with(item{":ttl": number(c.ttl.Add(bucketSpare).Unix())}),
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("take from the bucket %q: %w", key, err)
	}
	return time.UnixMicro(item(out.Attributes).number(attrFullAt)), nil
}

func bucketKey(of limits.BucketKey) item {
	return key("BUCKET#"+string(of), "-")
}
