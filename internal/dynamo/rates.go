package dynamo

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime/limits"
)

// rateSpare is how long a bucket is kept after it is full, for clocks that
// differ.
const rateSpare = time.Minute

// Rates implements [realtime.Rates] on the table of connections.
type Buckets struct {
	table
}

var _ limits.Buckets = (*Buckets)(nil)

// NewRates returns the rates in the table of a name.
func NewBuckets(api API, name string) *Buckets {
	return &Buckets{table{api: api, name: name}}
}

// Spend implements [realtime.Rates]. A bucket is an item that says when it is
// full: one that is not there is. DynamoDB has no expression for the later of
// two times, so there are two writes of which one fits: for a full bucket and
// for another one. Full in s says which to try, and spares the other.
func (r *Buckets) Withdraw(ctx context.Context, key limits.BucketKey, s limits.Withdrawal) (time.Time, error) {
	now := number(s.At.UnixMicro())
	if !s.FullAt.After(s.At) {
		full := s.At.Add(s.Cost)
		spent, err := r.spend(ctx, key, rateChange{
			update: "SET #full = :full, #ttl = :ttl", condition: "attribute_not_exists(#full) OR #full <= :now",
			values: item{":full": number(full.UnixMicro()), ":now": now}, ttl: full,
		})
		if !conditionFailed(err) {
			return spent, err
		}
	}
	if latest := s.At.Add(s.Burst - s.Cost); latest.After(s.At) {
		spent, err := r.spend(ctx, key, rateChange{
			update: "SET #ttl = :ttl ADD #full :cost", condition: "#full <= :latest",
			values: item{":cost": number(s.Cost.Microseconds()), ":latest": number(latest.UnixMicro())}, ttl: s.At.Add(s.Burst),
		})
		if !conditionFailed(err) {
			return spent, err
		}
	}
	there, err := r.get(ctx, rateKey(key), true)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the bucket %q: %w", key, err)
	}
	return time.UnixMicro(there.number(attrFull)), fmt.Errorf("take %v out of the bucket %q: %w", s.Cost, key, limits.ErrRateLimited)
}

// rateChange is a write that takes something out of a bucket.
type rateChange struct {
	update, condition string
	values            item
	ttl               time.Time
}

// spend takes something out of a bucket, and returns when it will be full.
func (r *Buckets) spend(ctx context.Context, key limits.BucketKey, c rateChange) (time.Time, error) {
	out, err := r.api.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                 &r.name,
		Key:                       rateKey(key),
		UpdateExpression:          &c.update,
		ConditionExpression:       &c.condition,
		ExpressionAttributeNames:  names(attrFull, attrTTL),
		ExpressionAttributeValues: c.values.with(item{":ttl": number(c.ttl.Add(rateSpare).Unix())}),
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return time.Time{}, fmt.Errorf("take from the bucket %q: %w", key, err)
	}
	return time.UnixMicro(item(out.Attributes).number(attrFull)), nil
}

func rateKey(of limits.BucketKey) item {
	return key("RATE#"+string(of), "-")
}
