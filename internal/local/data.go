package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/local/plan"
	"github.com/roomcast/roomcast/internal/retry"
)

// createData creates the tables concurrently. It creates the queues in order,
// because one may redrive to another.
func (c *Cloud) createData(ctx context.Context) error {
	db, sqs := c.dynamoDB(), c.sqs()
	all, ctx := errgroup.WithContext(ctx)
	for _, t := range c.plan.Tables {
		all.Go(func() error { return createTable(ctx, db, t, engines.IsElsewhere(c.options.DynamoDB)) })
	}
	all.Go(func() error {
		for _, q := range c.plan.Queues {
			if err := createQueue(ctx, sqs, q); err != nil {
				return err
			}
		}
		return nil
	})
	return all.Wait()
}

// createTable creates the table and waits until it is active. Every table is billed
// on demand here, so provisioned capacity never throttles. If kept is true, the
// engine may have tables of an earlier run, and an existing table is used as it is.
func createTable(ctx context.Context, client *dynamodb.Client, t *plan.Table, kept bool) error {
	input := &dynamodb.CreateTableInput{
		TableName:             aws.String(t.Name),
		AttributeDefinitions:  t.Properties.AttributeDefinitions,
		KeySchema:             t.Properties.KeySchema,
		LocalSecondaryIndexes: t.Properties.LocalSecondaryIndexes,
		BillingMode:           types.BillingModePayPerRequest,
	}
	for _, index := range t.Properties.GlobalSecondaryIndexes {
		input.GlobalSecondaryIndexes = append(input.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName:  index.IndexName,
			KeySchema:  index.KeySchema,
			Projection: index.Projection,
		})
	}
	var exists *types.ResourceInUseException
	if _, err := client.CreateTable(ctx, input); err != nil && !(kept && errors.As(err, &exists)) {
		return fmt.Errorf("create the table %s: %w", t, err)
	}
	there, err := awaitTable(ctx, client, t)
	if err != nil {
		return fmt.Errorf("create the table %s: %w", t, err)
	}
	if got, want := there.Keys(), t.Properties.Keys(); got != want {
		return fmt.Errorf("the table %s already exists with the keys %s instead of %s: delete it, or use another DynamoDB", t.Name, got, want)
	}
	return setTTL(ctx, client, t)
}

// awaitTable waits until the table is active and returns its keys.
func awaitTable(ctx context.Context, client *dynamodb.Client, t *plan.Table) (plan.TableProperties, error) {
	for {
		described, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(t.Name)})
		if err != nil {
			return plan.TableProperties{}, err
		}
		if made := described.Table; made.TableStatus == types.TableStatusActive {
			return plan.TableProperties{KeySchema: made.KeySchema, AttributeDefinitions: made.AttributeDefinitions}, nil
		}
		if err := retry.Sleep(ctx, 5*time.Millisecond); err != nil {
			return plan.TableProperties{}, err
		}
	}
}

// setTTL turns on expiry if the engine has it. Otherwise nothing expires, which
// AWS's days of delay permit too.
func setTTL(ctx context.Context, client *dynamodb.Client, t *plan.Table) error {
	ttl := t.Properties.TimeToLiveSpecification
	if ttl == nil || !bool(ttl.Enabled) {
		return nil
	}
	_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(t.Name),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{
			AttributeName: aws.String(ttl.AttributeName),
			Enabled:       aws.Bool(true),
		},
	})
	var answer smithy.APIError
	if errors.As(err, &answer) && answer.ErrorCode() == "UnknownOperationException" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("turn on expiry in the table %s: %w", t, err)
	}
	return nil
}

// createQueue creates the queue. The plan's order guarantees that its dead-letter
// queue exists.
func createQueue(ctx context.Context, client *sqs.Client, q *plan.Queue) error {
	_, err := client.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(q.Name), Attributes: q.Attributes()})
	if err != nil {
		return fmt.Errorf("create the queue %s: %w", q, err)
	}
	return nil
}
