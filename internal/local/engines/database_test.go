package engines_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// usesReference reports whether the DynamoDB tests run against AWS's DynamoDB
// Local, which needs Java, instead of dynalite.
var usesReference = os.Getenv(engines.Variable) == engines.DynamoDBLocal

func startDatabase(t *testing.T) *engines.Engine {
	t.Helper()
	e, err := engines.StartDynamoDB(t.Context(), os.Getenv(engines.Variable), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// database is a table with an index in the engine.
type database struct {
	*dynamodb.Client
	t     *testing.T
	table *string
}

func newDatabase(t *testing.T) database {
	t.Helper()
	d := database{dynamodb.NewFromConfig(config(startDatabase(t))), t, aws.String("Table")}
	text := ddb.ScalarAttributeTypeS
	_, err := d.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: d.table, BillingMode: ddb.BillingModePayPerRequest,
		KeySchema: []ddb.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: ddb.KeyTypeHash}, {AttributeName: aws.String("sk"), KeyType: ddb.KeyTypeRange},
		},
		AttributeDefinitions: []ddb.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: text}, {AttributeName: aws.String("sk"), AttributeType: text},
			{AttributeName: aws.String("room"), AttributeType: text},
		},
		GlobalSecondaryIndexes: []ddb.GlobalSecondaryIndex{{
			IndexName:  aws.String("byRoom"),
			KeySchema:  []ddb.KeySchemaElement{{AttributeName: aws.String("room"), KeyType: ddb.KeyTypeHash}},
			Projection: &ddb.Projection{ProjectionType: ddb.ProjectionTypeKeysOnly},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

type object = map[string]ddb.AttributeValue

func text(s string) ddb.AttributeValue   { return &ddb.AttributeValueMemberS{Value: s} }
func number(s string) ddb.AttributeValue { return &ddb.AttributeValueMemberN{Value: s} }

// put puts an item and returns the write units that it took.
func (d database) put(item object) (float64, error) {
	out, err := d.PutItem(d.t.Context(), &dynamodb.PutItemInput{
		TableName: d.table, Item: item, ReturnConsumedCapacity: ddb.ReturnConsumedCapacityTotal,
	})
	if err != nil {
		return 0, err
	}
	return *out.ConsumedCapacity.CapacityUnits, nil
}

// query reads a partition and returns the first page.
func (d database) query(change func(*dynamodb.QueryInput)) (*dynamodb.QueryOutput, error) {
	in := &dynamodb.QueryInput{
		TableName: d.table, KeyConditionExpression: aws.String("pk = :v"), ExpressionAttributeValues: object{":v": text("a")},
		ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: ddb.ReturnConsumedCapacityTotal,
	}
	change(in)
	return d.Query(d.t.Context(), in)
}

func code(err error) string {
	if answer, ok := errors.AsType[smithy.APIError](err); ok {
		return answer.ErrorCode()
	}
	return fmt.Sprint(err)
}

// Behaviour that Roomcast and other apps rely on is the same in every engine.
func TestWhatEveryDatabaseDoes(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	item := object{"pk": text("a"), "sk": text("1"), "ttl": number("1")}
	if units, err := d.put(item); err != nil || units != 1 {
		t.Errorf("a put takes %v units, %v", units, err)
	}
	_, err := d.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: d.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)")})
	if code(err) != "ConditionalCheckFailedException" {
		t.Errorf("a condition that does not hold: %v", err)
	}
	for want := 1; want <= 2; want++ {
		out, err := d.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: d.table, Key: object{"pk": text("a"), "sk": text("HEAD")}, ReturnValues: ddb.ReturnValueAllNew,
			UpdateExpression:          aws.String("ADD seq :one SET epoch = if_not_exists(epoch, :first)"),
			ExpressionAttributeValues: object{":one": number("1"), ":first": number(fmt.Sprint(want))},
		})
		if err != nil {
			t.Fatal(err)
		}
		if seq, epoch := out.Attributes["seq"].(*ddb.AttributeValueMemberN).Value, out.Attributes["epoch"].(*ddb.AttributeValueMemberN).Value; seq != fmt.Sprint(want) || epoch != "1" {
			t.Errorf("seq %s, epoch %s", seq, epoch)
		}
	}
	for i := range 5 { // 1.5 MB: more than a page
		if units, err := d.put(object{"pk": text("big"), "sk": text(fmt.Sprint(i)), "v": text(strings.Repeat("x", 300<<10))}); err != nil || units != 301 {
			t.Errorf("300 KB take %v units, %v", units, err)
		}
	}
	page, err := d.query(func(in *dynamodb.QueryInput) { in.ExpressionAttributeValues = object{":v": text("big")} })
	if err != nil || page.Count != 4 || len(page.LastEvaluatedKey) != 2 || *page.ConsumedCapacity.CapacityUnits != 301 {
		t.Errorf("a page of %+v, %v", page, err)
	}
	key := object{"pk": text("a"), "sk": text("1")}
	write := ddb.WriteRequest{DeleteRequest: &ddb.DeleteRequest{Key: key}}
	for name, err := range map[string]error{
		"a batch that writes a key twice": second(d.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]ddb.WriteRequest{*d.table: {{PutRequest: &ddb.PutRequest{Item: item}}, write}},
		})),
		"a batch that reads a key twice": second(d.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{
			RequestItems: map[string]ddb.KeysAndAttributes{*d.table: {Keys: []object{key, key}}},
		})),
		"an item over 400 KB": second(d.put(object{"pk": text("a"), "sk": text("x"), "v": text(strings.Repeat("x", 400<<10))})),
		"an empty key":        second(d.put(object{"pk": text(""), "sk": text("x")})),
		"an empty set":        second(d.put(object{"pk": text("a"), "sk": text("x"), "v": &ddb.AttributeValueMemberSS{}})),
		"a consistent read of an index": second(d.query(func(in *dynamodb.QueryInput) {
			in.IndexName, in.KeyConditionExpression = aws.String("byRoom"), aws.String("room = :v")
		})),
		"a reserved word": second(d.query(func(in *dynamodb.QueryInput) { in.FilterExpression = aws.String("ttl > :v") })),
	} {
		if code(err) != "ValidationException" {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err = d.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Other"), Item: item})
	if code(err) != "ResourceNotFoundException" {
		t.Errorf("a table that does not exist: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

// Where the engines differ is known: docs/reference/fidelity.md, section Engines, has a
// row for each of these.
func TestWhereDatabasesDiffer(t *testing.T) {
	t.Parallel()
	d := newDatabase(t)
	item := object{"pk": text("a"), "sk": text("1"), "room": text("r")}
	units, err := d.put(item)
	if err != nil {
		t.Fatal(err)
	}
	_, conditional := d.PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: d.table, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
		ReturnValuesOnConditionCheckFailure: ddb.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *ddb.ConditionalCheckFailedException
	if !errors.As(conditional, &failed) {
		t.Fatal(conditional)
	}
	_, transaction := d.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []ddb.TransactWriteItem{{Put: &ddb.Put{TableName: d.table, Item: item}}},
	})
	_, statement := d.ExecuteStatement(t.Context(), &dynamodb.ExecuteStatementInput{Statement: aws.String(`SELECT * FROM "Table" WHERE pk = 'a'`)})
	_, expiry := d.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: d.table, TimeToLiveSpecification: &ddb.TimeToLiveSpecification{AttributeName: aws.String("ttl"), Enabled: aws.Bool(true)},
	})
	long, err := d.put(object{"pk": text("a"), "sk": text("3"), "v": text(strings.Repeat("é", 750))}) // 1,500 bytes
	if err != nil {
		t.Fatal(err)
	}
	updated, err := d.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: d.table, Key: object{"pk": text("a"), "sk": text("1")}, ReturnValues: ddb.ReturnValueUpdatedNew,
		UpdateExpression: aws.String("SET n = :n"), ExpressionAttributeValues: object{":n": number("1.50")},
	})
	if err != nil {
		t.Fatal(err)
	}
	emptyKey := second(d.put(object{"pk": text("a"), "sk": text("2"), "room": text("")}))

	const none, unknown = "<nil>", "UnknownOperationException"
	for _, row := range []struct{ what, got, dynalite, reference string }{
		{"write units of a put with an index", fmt.Sprint(units), "1", "2"},
		{"the item of a failed condition", fmt.Sprint(len(failed.Item) > 0), "false", "true"},
		{"write units of 750 letters é", fmt.Sprint(long), "1", "2"},
		{"the number 1.50 in what an update returns", updated.Attributes["n"].(*ddb.AttributeValueMemberN).Value, "1.5", "1.50"},
		{"TransactWriteItems", code(transaction), unknown, none},
		{"ExecuteStatement", code(statement), unknown, none},
		{"UpdateTimeToLive", code(expiry), unknown, none},
		{"an empty key of an index", code(emptyKey), none, "ValidationException"},
	} {
		want := row.dynalite
		if usesReference {
			want = row.reference
		}
		if row.got != want {
			t.Errorf("%s: %s, want %s", row.what, row.got, want)
		}
	}
}
