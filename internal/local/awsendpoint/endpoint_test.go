package awsendpoint_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/usage"
)

func TestForwardsByService(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": engine(t, "dynalite"), "sqs": engine(t, "fauxqs")}})
	for service, want := range map[string]string{"dynamodb": "dynalite", "sqs": "fauxqs"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			target := map[string]string{"dynamodb": "DynamoDB_20120810.ListTables", "sqs": "AmazonSQS.DeleteQueue"}[service]
			r := request(t, admin, f.URL(), service, `{"Limit": 5}`, func(r *http.Request) {
				r.Host = service + ".us-east-1.amazonaws.com"
				r.Header.Set("X-Amz-Target", target)
				r.Header.Set("Content-Type", "application/x-amz-json-1.1; charset=utf-8")
			})
			r.Header.Set("Te", "trailers")
			r.Header.Set("Content-Language", "en")
			answer, body := do(t, r)
			var got map[string]string
			if err := json.Unmarshal([]byte(body), &got); err != nil {
				t.Fatal(err)
			}
			for k, v := range map[string]string{
				"engine": want, "uri": "POST /", "body": `{"Limit": 5}`, "target": target, "type": "application/x-amz-json-1.0",
				"headers": "Accept-Encoding Authorization Content-Length Content-Type User-Agent X-Amz-Date X-Amz-Target",
			} {
				if got[k] != v {
					t.Errorf("%s: the engine got %q, want %q", k, got[k], v)
				}
			}
			if strings.Contains(got["host"], "amazonaws") || strings.Contains(got["authorization"], admin.AccessKeyID) {
				t.Errorf("the engine got the caller's host or key: %v", got)
			}
			if answer.StatusCode != http.StatusTeapot || answer.Header.Get("X-Engine") != want {
				t.Errorf("answer %s with X-Engine %q", answer.Status, answer.Header.Get("X-Engine"))
			}
		})
	}
}

// A request that cannot be forwarded is answered in its own protocol.
func TestRefuses(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": engine(t, "dynalite"), "sqs": "http://127.0.0.1:1"}})
	const query = "application/x-www-form-urlencoded; charset=utf-8"
	for _, c := range []struct {
		name, service, content string
		status                 int
		want                   []string
	}{
		{"not emulated, JSON", "kms", "application/x-amz-json-1.1", 501,
			[]string{`"__type":"NotImplemented"`, `function Chat called AWS service \"kms\"`, "dynamodb, sqs"}},
		{"not emulated, query", "sns", query, 501,
			[]string{"<ErrorResponse><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>function Chat called AWS service &#34;sns&#34;"}},
		{"not emulated, S3", "s3", "text/plain", 501, []string{"<Error><Code>NotImplemented</Code>"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			answer, body := do(t, request(t, chat, f.URL(), c.service, "{}", func(r *http.Request) { r.Header.Set("Content-Type", c.content) }))
			if answer.StatusCode != c.status {
				t.Errorf("status %d, want %d", answer.StatusCode, c.status)
			}
			for _, want := range c.want {
				if !strings.Contains(body, want) {
					t.Errorf("answer %s lacks %s", body, want)
				}
			}
		})
	}
	t.Run("the engine is down", func(t *testing.T) {
		answer, body := do(t, request(t, admin, f.URL(), "sqs", "{}", func(r *http.Request) { r.Header.Set("X-Amz-Target", "AmazonSQS.ListQueues") }))
		if answer.StatusCode != 503 || !strings.Contains(body, "the local engine for sqs does not respond") {
			t.Errorf("answer %s: %s", answer.Status, body)
		}
	})
	t.Run("the request is too large", func(t *testing.T) {
		answer, _ := do(t, request(t, admin, f.URL(), "dynamodb", strings.Repeat("x", 16<<20+1), nil))
		if answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("answer %s", answer.Status)
		}
	})
}

func TestStartRefusesAnOddEndpoint(t *testing.T) {
	t.Parallel()
	_, err := awsendpoint.Start(awsendpoint.Config{Services: map[string]string{"sqs": "127.0.0.1:80"}})
	if err == nil || !strings.Contains(err.Error(), "of sqs: expected a URL") {
		t.Errorf("error %v, want one that names the service", err)
	}
}

// The SDK finds the error code, and does not retry a permanent error.
func TestTheSDKUnderstandsARefusal(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": engine(t, "dynalite")}})
	var calls atomic.Int32
	client := sqs.New(sqs.Options{
		Region: region, BaseEndpoint: aws.String(f.URL()), Credentials: provider(chat), HTTPClient: countingClient{&calls},
	})
	_, err := client.ListQueues(t.Context(), nil)
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "NotImplemented" || !strings.Contains(refused.ErrorMessage(), "function Chat") {
		t.Errorf("error %v, want NotImplemented that names the function", err)
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("the SDK made %d requests, want 1", n)
	}
}

// countingClient counts the requests that an SDK makes.
type countingClient struct{ calls *atomic.Int32 }

func (c countingClient) Do(r *http.Request) (*http.Response, error) {
	c.calls.Add(1)
	return http.DefaultClient.Do(r)
}

// A web page is refused whether signatures are checked or not.
func TestRefusesWebPages(t *testing.T) {
	t.Parallel()
	url, calls := counting(t)
	f := open(t, awsendpoint.Config{Services: map[string]string{"dynamodb": url}, Keys: keys(t, true, "")})
	for _, method := range []string{http.MethodPost, http.MethodOptions} {
		answer, body := do(t, request(t, admin, f.URL(), "dynamodb", `{}`, func(r *http.Request) {
			r.Method = method
			r.Header.Set("Origin", "https://example.com")
			r.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
		}))
		if answer.StatusCode != http.StatusForbidden || answer.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: answer %s %s", method, answer.Status, body)
		}
	}
	if n := calls.Load(); n != 0 {
		t.Errorf("the engine got %d calls", n)
	}
}

func TestCloseLeavesNoListener(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{})
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(f.URL()); err == nil {
		t.Error("a closed endpoint answers")
	}
}

// BenchmarkOverhead compares a GetItem through the endpoint with one directly to
// the engine.
func BenchmarkOverhead(b *testing.B) {
	url := server(b, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"Item":{"pk":{"S":"CONN#1"},"sk":{"S":"-"}}}`)
	})
	f := open(b, awsendpoint.Config{
		Services: map[string]string{"dynamodb": url},
		Keys:     keys(b, false, `{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"*"}`),
	})
	get := &dynamodb.GetItemInput{
		TableName: aws.String("Table"),
		Key:       map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "CONN#1"}},
	}
	for _, target := range []struct{ name, url string }{{"direct", url}, {"through", f.URL()}} {
		b.Run(target.name, func(b *testing.B) {
			client := dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: aws.String(target.url), Credentials: provider(chat)})
			for b.Loop() {
				if _, err := client.GetItem(b.Context(), get); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// The URLs of queues in answers lead to the endpoint, whatever the engine
// says: an SDK sends its next call to the host of a queue's URL.
func TestURLsOfQueuesLeadHere(t *testing.T) {
	t.Parallel()
	for operation, answer := range map[string]string{
		"CreateQueue":                `{"QueueUrl":"https://sqs.us-east-1.amazonaws.com/000000000000/jobs.fifo"}`,
		"GetQueueUrl":                `{"QueueUrl":"http://sqs.us-east-1.localhost:1/000000000000/jobs.fifo"}`,
		"ListQueues":                 `{"QueueUrls":["http://127.0.0.1:1/0/jobs.fifo","jobs.fifo"],"NextToken":"http://x/y"}`,
		"ListDeadLetterSourceQueues": `{"queueUrls":["http://127.0.0.1:1/000000000000/jobs.fifo"]}`,
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			url := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
			for _, meter := range []*usage.Meter{nil, usage.New()} {
				f := open(t, awsendpoint.Config{Services: map[string]string{"sqs": url}, Meter: meter})
				_, body := do(t, request(t, admin, f.URL(), "sqs", `{"QueueName":"jobs.fifo"}`, func(r *http.Request) {
					r.Header.Set("X-Amz-Target", "AmazonSQS."+operation)
				}))
				var got struct {
					QueueUrl  string
					QueueUrls []string
					NextToken string
				}
				if err := json.Unmarshal([]byte(body), &got); err != nil {
					t.Fatal(err)
				}
				for _, url := range append(got.QueueUrls, got.QueueUrl) {
					if url != "" && url != f.URL()+"/000000000000/jobs.fifo" || !strings.Contains(body, f.URL()) {
						t.Errorf("%s answers %s", operation, body)
					}
				}
				if got.NextToken != "" && got.NextToken != "http://x/y" {
					t.Errorf("the token has become %q", got.NextToken)
				}
			}
		})
	}
}
