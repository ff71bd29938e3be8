package roomcasttest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/local"
)

// Item is an item of a table in plain Go values: string, float64 for every
// number, bool, nil, []byte, map[string]any, []any, and for sets []string
// (sorted), []float64 and [][]byte.
type Item map[string]any

// Text is the value of an attribute that holds a string, else "".
func (i Item) Text(attribute string) string {
	s, _ := i[attribute].(string)
	return s
}

// Number is the value of an attribute that holds a number, else 0.
func (i Item) Number(attribute string) float64 {
	n, _ := i[attribute].(float64)
	return n
}

// Items returns the items with a partition key, a string, in the order of the sort
// key. The table is named by the stack output that holds its name, by its logical
// id, as `roomcast up` lists it, or by its own name.
//
// Items, AllItems, PutItem and DeleteItem bypass policies, faults and usage.
func (s *Stack) Items(t testing.TB, table, partition string) []Item {
	t.Helper()
	to := s.table(t, table)
	return s.query(t, &dynamodb.QueryInput{
		TableName: aws.String(to.Name), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("#key = :key"),
		ExpressionAttributeNames:  map[string]string{"#key": to.PartitionKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{":key": &types.AttributeValueMemberS{Value: partition}},
	})
}

func (s *Stack) query(t testing.TB, input *dynamodb.QueryInput) []Item {
	t.Helper()
	pages := dynamodb.NewQueryPaginator(s.dynamoDB(), input)
	var items []Item
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("roomcasttest: query the table %s: %v", *input.TableName, err)
		}
		items = append(items, decodeItems(page.Items)...)
	}
	return items
}

// AllItems returns every item of a table, in no particular order.
func (s *Stack) AllItems(t testing.TB, table string) []Item {
	t.Helper()
	to := s.table(t, table)
	pages := dynamodb.NewScanPaginator(s.dynamoDB(), &dynamodb.ScanInput{
		TableName: aws.String(to.Name), ConsistentRead: aws.Bool(true),
	})
	var items []Item
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatalf("roomcasttest: scan the table %s: %v", to.Name, err)
		}
		items = append(items, decodeItems(page.Items)...)
	}
	return items
}

// PutItem writes an item, and replaces one with the same key. Its values may also be
// of any integer type.
func (s *Stack) PutItem(t testing.TB, table string, item Item) {
	t.Helper()
	to := s.table(t, table)
	encoded, err := encodeItem(item)
	if err != nil {
		t.Fatalf("roomcasttest: put into the table %s: %v", to.Name, err)
	}
	if _, err := s.dynamoDB().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(to.Name), Item: encoded}); err != nil {
		t.Fatalf("roomcasttest: put into the table %s: %v", to.Name, err)
	}
}

// DeleteItem deletes the item with the key of another item, such as one that Items
// returned. Attributes that do not belong to the key are ignored.
func (s *Stack) DeleteItem(t testing.TB, table string, item Item) {
	t.Helper()
	to := s.table(t, table)
	key := Item{to.PartitionKey: item[to.PartitionKey]}
	if to.SortKey != "" {
		key[to.SortKey] = item[to.SortKey]
	}
	encoded, err := encodeItem(key)
	if err != nil {
		t.Fatalf("roomcasttest: delete from the table %s: %v", to.Name, err)
	}
	if _, err := s.dynamoDB().DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(to.Name), Key: encoded}); err != nil {
		t.Fatalf("roomcasttest: delete from the table %s: %v", to.Name, err)
	}
}

// table finds a table by any of its names.
func (s *Stack) table(t testing.TB, name string) local.Table {
	t.Helper()
	table, ok := s.tableOf(name)
	if !ok {
		var names []string
		for _, known := range s.cloud.Tables() {
			names = append(names, known.Label)
		}
		t.Fatalf("roomcasttest: there is no table %q in the stack, only %s", name, listed(names))
	}
	return table
}

func (s *Stack) tableOf(name string) (local.Table, bool) {
	output := s.Output(name)
	for _, table := range s.cloud.Tables() {
		switch name {
		case table.Name, table.LogicalID, table.Label:
			return table, true
		}
		if output == table.Name {
			return table, true
		}
	}
	return local.Table{}, false
}

func (s *Stack) dynamoDB() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(s.cloud.Engine("dynamodb")), Credentials: unchecked,
	})
}

// unchecked are credentials for the engines, which do not check them.
var unchecked = credentials.NewStaticCredentialsProvider("ROOMCASTTEST", "test", "")
