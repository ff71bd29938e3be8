package awsendpoint_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// TestUnitsThatEnginesDoNotCount: a search that finds nothing, and a write whose
// condition fails, cost units on AWS.
func TestUnitsThatEnginesDoNotCount(t *testing.T) {
	t.Parallel()
	there := `{"Item":{"pk":{"S":"a"},"sk":{"S":"b"},"data":{"S":"` + strings.Repeat("x", 2000) + `"}}}`
	var item, failure string
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		switch operation {
		case "GetItem":
			var asked struct {
				TableName      string
				Key            map[string]map[string]string
				ConsistentRead bool
			}
			if json.Unmarshal(body, &asked) != nil || asked.TableName != "Chat" || !asked.ConsistentRead ||
				len(asked.Key) != 2 || asked.Key["pk"]["S"] != "a" || asked.Key["sk"]["S"] != "b" {
				t.Errorf("read the item by %s", body)
			}
			_, _ = io.WriteString(w, item)
		case "Query", "Scan":
			_, _ = io.WriteString(w, `{"Items":[],"Count":0,"ConsumedCapacity":{"TableName":"Chat","CapacityUnits":0}}`)
		default:
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type":"com.amazonaws.dynamodb.v20120810#`+failure+`","message":"no"}`)
		}
	})
	meter := usage.New()
	f := open(t, awsendpoint.Config{
		Services: map[string]string{"dynamodb": url}, Meter: meter, SortKey: func(string) string { return "sk" },
		Keys: keys(t, false, allow("dynamodb:*", "*")),
	})
	client := dynamo(f, chat)
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}, "sk": &types.AttributeValueMemberS{Value: "b"}}
	put := func() error {
		full := map[string]types.AttributeValue{"data": &types.AttributeValueMemberS{Value: strings.Repeat("y", 9000)}, "pk": key["pk"], "sk": key["sk"]}
		_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Chat"), Item: full})
		return err
	}
	update := func() error {
		_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String("Chat"), Key: key})
		return err
	}
	remove := func() error {
		_, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("Chat"), Key: key})
		return err
	}
	query := func(consistent bool) func() error {
		return func() error {
			_, err := client.Query(t.Context(), &dynamodb.QueryInput{
				TableName: aws.String("Chat"), ConsistentRead: &consistent, KeyConditionExpression: aws.String("pk = :pk"),
				ExpressionAttributeValues: map[string]types.AttributeValue{":pk": key["pk"]},
			})
			return err
		}
	}
	scan := func() error {
		_, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Chat")})
		return err
	}
	const condition, other = "ConditionalCheckFailedException", "ValidationException"
	for _, test := range []struct {
		name, item, failure string
		do                  func() error
		fails               bool
		reads, writes       float64
	}{
		{"an empty query", "", "", query(false), false, 0.5, 0},
		{"an empty query, consistently", "", "", query(true), false, 1, 0},
		{"an empty scan", "", "", scan, false, 0.5, 0},
		{"a put that is refused by an item", there, condition, put, true, 0, 2},
		{"a put that needs an item", "{}", condition, put, true, 0, 1},
		{"an update", there, condition, update, true, 0, 2},
		{"a deletion", there, condition, remove, true, 0, 2},
		{"an item that cannot be read", "oh", condition, update, true, 0, 1},
		{"another failure", there, other, put, true, 0, 0},
	} {
		meter.Reset()
		item, failure = test.item, test.failure
		if err := test.do(); (err != nil) != test.fails {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := meter.Snapshot().DynamoDB; got.ReadUnits != test.reads || got.WriteUnits != test.writes || len(got.Tables) != 1 || got.Tables[0].Calls != 1 {
			t.Errorf("%s: counted %+v, want %v read and %v write units of one call", test.name, got, test.reads, test.writes)
		}
	}
}
