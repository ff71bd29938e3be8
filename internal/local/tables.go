package local

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// table is a DynamoDB table, made from AWS::DynamoDB::Table or GlobalTable.
type table struct {
	*resource
	name       string
	properties tableProperties
}

// tableProperties are those that a local table has. What the template writes
// is, field for field, what the SDK sends.
type tableProperties struct {
	TableName              string
	AttributeDefinitions   []types.AttributeDefinition
	KeySchema              []types.KeySchemaElement
	GlobalSecondaryIndexes []struct {
		IndexName  *string
		KeySchema  []types.KeySchemaElement
		Projection *types.Projection
	}
	LocalSecondaryIndexes   []types.LocalSecondaryIndex
	TimeToLiveSpecification *struct {
		AttributeName string
		Enabled       flag
	}
}

func (p *plan) addTable(r *resource, properties map[string]any) ([]string, error) {
	t := &table{resource: r}
	ignored, err := decode(properties, &t.properties)
	if err != nil {
		return nil, err
	}
	if len(t.properties.KeySchema) == 0 {
		return nil, errors.New("it has no KeySchema: give it a partition key")
	}
	t.name = r.name(t.properties.TableName, 255)
	r.refer(t.name, arn("dynamodb", "table/"+t.name))
	if _, ok := properties["StreamSpecification"]; ok {
		// There is no stream, but policies name it.
		r.attributes["StreamArn"] = arn("dynamodb", "table/"+t.name+"/stream/2000-01-01T00:00:00.000")
	}
	r.attributes["TableId"] = uuid(r.stack.Name, r.logicalID)
	p.tables = append(p.tables, t)
	return ignored, nil
}

// create makes the table and waits until it can be used. Every table is
// billed on demand here: nothing local throttles, whatever is provisioned. A
// table that exists is taken as it is when kept says that the engine may hold
// some from an earlier run.
func (t *table) create(ctx context.Context, client *dynamodb.Client, kept bool) error {
	input := &dynamodb.CreateTableInput{
		TableName:             aws.String(t.name),
		AttributeDefinitions:  t.properties.AttributeDefinitions,
		KeySchema:             t.properties.KeySchema,
		LocalSecondaryIndexes: t.properties.LocalSecondaryIndexes,
		BillingMode:           types.BillingModePayPerRequest,
	}
	for _, index := range t.properties.GlobalSecondaryIndexes {
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
	there, err := t.await(ctx, client)
	if err != nil {
		return fmt.Errorf("create the table %s: %w", t, err)
	}
	if got, want := there.keys(), t.properties.keys(); got != want {
		return fmt.Errorf("the table %s exists already, with the keys %s instead of %s: delete it, or name another DynamoDB", t.name, got, want)
	}
	return t.setTTL(ctx, client)
}

// await returns the keys of the table once it can be used.
func (t *table) await(ctx context.Context, client *dynamodb.Client) (tableProperties, error) {
	for {
		described, err := client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(t.name)})
		if err != nil {
			return tableProperties{}, err
		}
		if made := described.Table; made.TableStatus == types.TableStatusActive {
			return tableProperties{KeySchema: made.KeySchema, AttributeDefinitions: made.AttributeDefinitions}, nil
		}
		select {
		case <-ctx.Done():
			return tableProperties{}, ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// setTTL turns on expiry where the engine has it. Without, nothing expires,
// which AWS allows too: it deletes days late.
func (t *table) setTTL(ctx context.Context, client *dynamodb.Client) error {
	ttl := t.properties.TimeToLiveSpecification
	if ttl == nil || !bool(ttl.Enabled) {
		return nil
	}
	_, err := client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String(t.name),
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
