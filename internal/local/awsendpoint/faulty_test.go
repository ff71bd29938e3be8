package awsendpoint_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/usage"
)

// counting is an engine that counts calls and answers {}.
func counting(t *testing.T) (url string, calls *atomic.Int32) {
	calls = new(atomic.Int32)
	return server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		calls.Add(1)
		_, _ = io.WriteString(w, `{}`)
	}), calls
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		rule  faults.Rule
		code  string // of the error, "" for none, "reset" for a broken connection
		calls int32  // that the engine sees
	}{
		{"another table", faults.Rule{Service: "dynamodb", Resource: "Other", Throttle: true}, "", 1},
		{"throttling", faults.Rule{Service: "dynamodb", Resource: "Chat", Throttle: true}, "ProvisionedThroughputExceededException", 0},
		{"by operation and function", faults.Rule{Service: "dynamodb", Function: "Chat", Operation: "GetItem", Status: 500}, "InternalServerError", 0},
		{"after the work", faults.Rule{Service: "dynamodb", Status: 500, After: true}, "InternalServerError", 1},
		{"reset", faults.Rule{Service: "dynamodb", Reset: true}, "reset", 0},
		{"late", faults.Rule{Service: "dynamodb", Latency: 50 * time.Millisecond}, "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			url, calls := counting(t)
			injector := faults.New(1)
			if _, err := injector.Add(c.rule); err != nil {
				t.Fatal(err)
			}
			injector.Begin()
			f := open(t, awsendpoint.Config{
				Services: map[string]string{"dynamodb": url}, Faults: injector,
				Keys: keys(t, false, `{"Effect":"Allow","Action":"*","Resource":"*"}`),
			})
			begin := time.Now()
			_, err := dynamo(f, chat).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Chat"), Key: map[string]types.AttributeValue{}})
			var refused smithy.APIError
			switch isAnswer := errors.As(err, &refused); {
			case c.code == "" && err != nil, c.code == "reset" && (err == nil || isAnswer):
				t.Errorf("got %v", err)
			case c.code != "" && c.code != "reset" && (!isAnswer || refused.ErrorCode() != c.code):
				t.Errorf("got %v, want %s", err, c.code)
			}
			if got := calls.Load(); got != c.calls {
				t.Errorf("the engine got %d calls, want %d", got, c.calls)
			}
			if took := time.Since(begin); took < c.rule.Latency {
				t.Errorf("it took %v, want %v at least", took, c.rule.Latency)
			}
		})
	}
}

// A call costs the same if a fault drops its answer.
func TestCountsWhatAFaultHides(t *testing.T) {
	t.Parallel()
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"ConsumedCapacity":{"TableName":"Chat","CapacityUnits":0.5}}`)
	})
	injector := faults.New(1)
	if _, err := injector.Add(faults.Rule{Service: "dynamodb", Status: 500, After: true}); err != nil {
		t.Fatal(err)
	}
	injector.Begin()
	meter := usage.New()
	f := open(t, awsendpoint.Config{
		Services: map[string]string{"dynamodb": url}, Faults: injector, Meter: meter,
		Keys: keys(t, false, `{"Effect":"Allow","Action":"*","Resource":"*"}`),
	})
	_, err := dynamo(f, chat).GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Chat"), Key: map[string]types.AttributeValue{}})
	if err == nil {
		t.Error("the call succeeded")
	}
	want := usage.Table{Table: "Chat", Function: "Chat", Operation: "GetItem", Calls: 1, ReadUnits: 0.5}
	if got := meter.Snapshot().DynamoDB.Tables; len(got) != 1 || got[0] != want {
		t.Errorf("counted %+v, want %+v", got, want)
	}
}

// Capacity is asked for behind the caller's back, counted, and not shown.
func TestCountsCapacity(t *testing.T) {
	t.Parallel()
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ ReturnConsumedCapacity string }
		body, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(body, &asked); err != nil || asked.ReturnConsumedCapacity != "TOTAL" || int64(len(body)) != r.ContentLength {
			http.Error(w, "not asked for: "+string(body), http.StatusInternalServerError)
			return
		}
		answer := `{"Item":{"pk":{"N":"1.0"}},"ConsumedCapacity":{"TableName":"Chat","CapacityUnits":0.5}}`
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "BatchWriteItem") {
			answer = `{"ConsumedCapacity":[{"TableName":"Chat","CapacityUnits":2},{"TableName":"Other","CapacityUnits":1}]}`
		}
		w.Header().Set("X-Amz-Crc32", "1")
		_, _ = io.WriteString(w, answer)
	})
	meter := usage.New()
	f := open(t, awsendpoint.Config{
		Services: map[string]string{"dynamodb": url}, Meter: meter,
		Keys: keys(t, false, `{"Effect":"Allow","Action":"*","Resource":"*"}`),
	})
	client := dynamo(f, chat)
	for _, ask := range []types.ReturnConsumedCapacity{"", "NONE", "TOTAL"} {
		out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
			TableName: aws.String("Chat"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberN{Value: "1"}}, ReturnConsumedCapacity: ask,
		})
		if err != nil {
			t.Fatal(err)
		}
		if shown := out.ConsumedCapacity != nil; shown != (ask == "TOTAL") || out.Item["pk"].(*types.AttributeValueMemberN).Value != "1.0" {
			t.Errorf("asked %q, the caller sees %+v", ask, out)
		}
	}
	if _, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
		"Chat": {{DeleteRequest: &types.DeleteRequest{Key: map[string]types.AttributeValue{}}}},
	}}); err != nil {
		t.Fatal(err)
	}
	answer, body := do(t, request(t, chat, f.URL(), "dynamodb", `{}`, func(r *http.Request) { r.Header.Set("X-Amz-Target", "DynamoDB_20120810.GetItem") }))
	if sum := fmt.Sprint(crc32.ChecksumIEEE([]byte(body))); answer.Header.Get("X-Amz-Crc32") != sum {
		t.Errorf("the checksum is %s, want %s", answer.Header.Get("X-Amz-Crc32"), sum)
	}
	want := map[string]usage.Table{
		"Chat GetItem":         {Table: "Chat", Function: "Chat", Operation: "GetItem", Calls: 4, ReadUnits: 2},
		"Chat BatchWriteItem":  {Table: "Chat", Function: "Chat", Operation: "BatchWriteItem", Calls: 1, WriteUnits: 2},
		"Other BatchWriteItem": {Table: "Other", Function: "Chat", Operation: "BatchWriteItem", Calls: 1, WriteUnits: 1},
	}
	got := meter.Snapshot().DynamoDB.Tables
	for _, one := range got {
		if one != want[one.Table+" "+one.Operation] {
			t.Errorf("counted %+v", one)
		}
	}
	if len(got) != len(want) {
		t.Errorf("counted %+v", got)
	}
}

func TestCountsPayload(t *testing.T) {
	t.Parallel()
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "ReceiveMessage") {
			_, _ = io.WriteString(w, `{"Messages":[{"Body":"`+strings.Repeat("x", 65<<10)+`","MD5OfBody":"a0d3f4a8e6b3c6e6b7a0a3f6d7b6cb5d"}]}`)
			return
		}
		_, _ = io.WriteString(w, `{"Successful":[],"Failed":[]}`)
	})
	meter := usage.New()
	f := open(t, awsendpoint.Config{
		Services: map[string]string{"sqs": url}, Meter: meter,
		Keys: keys(t, false, `{"Effect":"Allow","Action":"*","Resource":"*"}`),
	})
	queue := aws.String(f.URL() + "/000000000000/jobs")
	for operation, body := range map[string]string{
		"SendMessageBatch": `{"QueueUrl":"` + *queue + `","Entries":[{"MessageBody":"` + strings.Repeat("x", 64<<10) + `"},{"MessageBody":"x","MessageAttributes":{"n":{"DataType":"String","StringValue":"v"}}}]}`,
		"ReceiveMessage":   `{"QueueUrl":"` + *queue + `"}`,
		"DeleteMessage":    `{"QueueUrl":"` + *queue + `"}`,
	} {
		if answer, text := do(t, request(t, chat, f.URL(), "sqs", body, func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS."+operation) })); answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %s", operation, text)
		}
	}
	want := map[string]int64{"SendMessageBatch": 2, "ReceiveMessage": 2, "DeleteMessage": 1}
	for _, q := range meter.Snapshot().SQS.Queues {
		if q.Queue != "jobs" || q.Function != "Chat" || q.Calls != 1 || q.Requests != want[q.Operation] {
			t.Errorf("counted %+v", q)
		}
		delete(want, q.Operation)
	}
	if len(want) > 0 {
		t.Errorf("not counted: %v", want)
	}
}
