package awsendpoint_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/faults"
)

// recording returns an endpoint with one rule, in front of an engine that records
// its requests and always gives the same answer.
func recording(t *testing.T, rule faults.Rule, answer string) (*awsendpoint.Endpoint, <-chan string) {
	t.Helper()
	asked := make(chan string, 10)
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if int64(len(body)) != r.ContentLength {
			t.Errorf("the length is said to be %d: %s", r.ContentLength, body)
		}
		asked <- string(body)
		w.Header().Set("X-Amz-Crc32", "1")
		_, _ = io.WriteString(w, answer)
	})
	injector := faults.New(1)
	if _, err := injector.Add(rule); err != nil {
		t.Fatal(err)
	}
	injector.Begin()
	return open(t, awsendpoint.Config{
		Services: map[string]string{"dynamodb": url, "sqs": url}, Faults: injector,
		Keys: keys(t, false, `{"Effect":"Allow","Action":"*","Resource":"*"}`),
	}), asked
}

func key(n string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{"pk": &types.AttributeValueMemberN{Value: n}}
}

func number(t *testing.T, item map[string]types.AttributeValue) string {
	t.Helper()
	n, ok := item["pk"].(*types.AttributeValueMemberN)
	if !ok {
		t.Fatalf("%v has no pk", item)
	}
	return n.Value
}

// The answer of a partly processed batch names the rest, which the engine never
// gets. The next batch skips the other half.
func TestAPartlyProcessedBatchWrite(t *testing.T) {
	t.Parallel()
	f, asked := recording(t, faults.Rule{Partial: true}, `{"ItemCollectionMetrics":{}}`)
	writes := []types.WriteRequest{
		{PutRequest: &types.PutRequest{Item: key("1")}},
		{DeleteRequest: &types.DeleteRequest{Key: key("2")}},
		{DeleteRequest: &types.DeleteRequest{Key: key("3")}},
	}
	for _, want := range []struct {
		body string
		left []string
	}{
		{`{"RequestItems":{"Chat":[{"PutRequest":{"Item":{"pk":{"N":"1"}}}},{"DeleteRequest":{"Key":{"pk":{"N":"3"}}}}]}}`, []string{"2"}},
		{`{"RequestItems":{"Chat":[{"DeleteRequest":{"Key":{"pk":{"N":"2"}}}}]}}`, []string{"1", "3"}},
	} {
		out, err := dynamo(f, chat).BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
			RequestItems: map[string][]types.WriteRequest{"Chat": writes},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := <-asked; got != want.body {
			t.Errorf("the engine is asked %s\nwant %s", got, want.body)
		}
		left := out.UnprocessedItems["Chat"]
		if len(left) != len(want.left) {
			t.Fatalf("%d items are left, want %v", len(left), want.left)
		}
		for i, w := range left {
			var item map[string]types.AttributeValue
			if w.PutRequest != nil {
				item = w.PutRequest.Item
			} else {
				item = w.DeleteRequest.Key
			}
			if got := number(t, item); got != want.left[i] {
				t.Errorf("left is %s, want %s", got, want.left[i])
			}
		}
	}
}

// DynamoDB refuses a batch if it can process nothing of it.
func TestABatchOfOneIsThrottled(t *testing.T) {
	t.Parallel()
	f, asked := recording(t, faults.Rule{Partial: true}, `{}`)
	_, err := dynamo(f, chat).BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{"Chat": {{DeleteRequest: &types.DeleteRequest{Key: key("1")}}}},
	})
	if got := codeOf(err); got != "ProvisionedThroughputExceededException" {
		t.Errorf("got %v", err)
	}
	if len(asked) > 0 {
		t.Errorf("the engine is asked %s", <-asked)
	}
}

func TestAPartlyProcessedBatchGet(t *testing.T) {
	t.Parallel()
	f, asked := recording(t, faults.Rule{Partial: true}, `{"Responses":{"Chat":[{"pk":{"N":"1"}}]}}`)
	out, err := dynamo(f, chat).BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		"Chat": {Keys: []map[string]types.AttributeValue{key("1"), key("2")}, ConsistentRead: aws.Bool(true)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := <-asked, `{"RequestItems":{"Chat":{"ConsistentRead":true,"Keys":[{"pk":{"N":"1"}}]}}}`; got != want {
		t.Errorf("the engine is asked %s\nwant %s", got, want)
	}
	left := out.UnprocessedKeys["Chat"]
	if len(left.Keys) != 1 || number(t, left.Keys[0]) != "2" || !aws.ToBool(left.ConsistentRead) || len(out.Responses["Chat"]) != 1 {
		t.Errorf("the caller gets %+v, %+v", out.Responses, left)
	}
}

func TestAPartlyFailedSendMessageBatch(t *testing.T) {
	t.Parallel()
	f, asked := recording(t, faults.Rule{Partial: true}, `{"Successful":[{"Id":"a","MessageId":"m","MD5OfMessageBody":"0cc175b9c0f1b6a831c399e269772661"}]}`)
	in := &sqs.SendMessageBatchInput{QueueUrl: aws.String(f.URL() + "/000000000000/jobs"), Entries: []sqstypes.SendMessageBatchRequestEntry{
		{Id: aws.String("a"), MessageBody: aws.String("a")}, {Id: aws.String("b"), MessageBody: aws.String("b")},
	}}
	out, err := queues(f, chat).SendMessageBatch(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Successful) != 1 || len(out.Failed) != 1 || aws.ToString(out.Failed[0].Id) != "b" || out.Failed[0].SenderFault {
		t.Errorf("the caller gets %+v", out)
	}
	<-asked
	// One alone fails without being sent, whichever half it is the turn of.
	in.Entries = in.Entries[:1]
	for range 2 {
		if out, err = queues(f, chat).SendMessageBatch(t.Context(), in); err != nil || len(out.Failed) != 1 || len(out.Successful) != 0 || len(asked) > 0 {
			t.Errorf("the caller gets %+v, %v", out, err)
		}
	}
}

// A late write is answered with an error immediately, and reaches the engine
// unchanged after a delay. If the endpoint closes before, it never does.
func TestALateWrite(t *testing.T) {
	t.Parallel()
	const late = 300 * time.Millisecond
	f, asked := recording(t, faults.Rule{Status: 500, ApplyLate: late, First: 1}, `{}`)
	begin := time.Now()
	_, err := dynamo(f, chat).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String("Chat"), Item: key("1"), ConditionExpression: aws.String("attribute_not_exists(pk)"),
	})
	if codeOf(err) != "InternalServerError" || len(asked) > 0 || time.Since(begin) > late {
		t.Fatalf("got %v after %v, the engine %d calls", err, time.Since(begin), len(asked))
	}
	want := `{"ConditionExpression":"attribute_not_exists(pk)","Item":{"pk":{"N":"1"}},"TableName":"Chat"}`
	if got := <-asked; got != want || time.Since(begin) < late {
		t.Errorf("the engine gets %s after %v\nwant %s", got, time.Since(begin), want)
	}
	if _, err := dynamo(f, chat).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Chat"), Key: key("1")}); err != nil {
		t.Error(err)
	}

	f, asked = recording(t, faults.Rule{Reset: true, ApplyLate: time.Hour}, `{}`)
	if _, err := dynamo(f, chat).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Chat"), Item: key("1")}); err == nil || codeOf(err) != "" {
		t.Errorf("a connection that is cut answers %v", err)
	}
	if err := f.Close(); err != nil || len(asked) > 0 {
		t.Errorf("closed with %v after %d calls", err, len(asked))
	}
}
