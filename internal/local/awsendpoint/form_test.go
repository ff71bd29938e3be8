package awsendpoint_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/faults"
)

// Requests in SQS's older protocol are judged as those in JSON are, and the
// engine gets the same.
func TestFormsAreJudged(t *testing.T) {
	t.Parallel()
	const queue = "QueueUrl=http%3A%2F%2Fh%2F000000000000%2F"
	for _, c := range []struct{ name, path, form, want string }{
		{"allowed", "/", "Action=SendMessage&MessageBody=a%20b&" + queue + "jobs", "AmazonSQS.SendMessage {\"MessageBody\":\"a b\",\"QueueUrl\":\"ENDPOINT/000000000000/jobs\"}"},
		{"by its path", "/000000000000/jobs", "Action=PurgeQueue&Version=2012-11-05", "AmazonSQS.PurgeQueue {\"QueueUrl\":\"ENDPOINT/000000000000/jobs\"}"},
		{"by both", "/000000000000/jobs", "Action=PurgeQueue&" + queue + "jobs", "AmazonSQS.PurgeQueue {\"QueueUrl\":\"ENDPOINT/000000000000/jobs\"}"},
		{"another queue", "/", "Action=SendMessage&" + queue + "work", "<Code>AccessDenied</Code>"},
		{"another queue by its path", "/000000000000/work", "Action=PurgeQueue", "<Code>AccessDenied</Code>"},
		{"two queues", "/000000000000/jobs", "Action=PurgeQueue&" + queue + "work", "<Code>InvalidAddress</Code>"},
		{"a queue twice", "/", "Action=PurgeQueue&" + queue + "jobs&" + queue + "work", "<Code>MalformedQueryString</Code>"},
		{"an action twice", "/", "Action=GetQueueUrl&Action=PurgeQueue&" + queue + "jobs", "<Code>MalformedQueryString</Code>"},
		{"a queue in another case", "/", "Action=PurgeQueue&queueurl=x&" + queue + "work", "<Code>AccessDenied</Code>"},
		{"a queue below a queue", "/", "Action=PurgeQueue&QueueUrl.1=" + queue + "jobs", "<Code>SerializationException</Code>"},
		{"no queue", "/", "Action=PurgeQueue&QueueUrl=jobs", "<Code>InvalidAddress</Code>"},
		{"another service's action", "/", "Action=CreateTopic&Name=x", "<Code>UnknownOperationException</Code>"},
		{"no action", "/", queue + "jobs", "<Code>MissingAction</Code>"},
		{"no form", "/", "{\"QueueUrl\":\"%zz\"}", "<Code>MalformedQueryString</Code>"},
		{"no such queue", "/", "Action=PurgeQueue&QueueUrl=http%3A%2F%2Fh%2F1%2Fjobs", "<Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := "nothing"
			url := server(t, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = r.Header.Get("X-Amz-Target") + " " + string(body)
				_, _ = io.WriteString(w, "{}")
			})
			f := open(t, awsendpoint.Config{Services: map[string]string{"sqs": url}, Keys: keys(t, false, allow("sqs:*", jobs))})
			answer, text := do(t, request(t, chat, f.URL()+c.path, "sqs", c.form, asForm))
			if kind := answer.Header.Get("Content-Type"); kind != "text/xml" {
				t.Errorf("the answer is %q", kind)
			}
			if strings.HasPrefix(c.want, "<") {
				if got != "nothing" || answer.StatusCode < 400 || !strings.Contains(text, c.want) {
					t.Errorf("answer %s: %s, the engine got %s, want %s", answer.Status, text, got, c.want)
				}
			} else if want := strings.ReplaceAll(c.want, "ENDPOINT", f.URL()); got != want || answer.StatusCode != http.StatusOK {
				t.Errorf("the engine got %s, want %s; answer %s: %s", got, want, answer.Status, text)
			}
		})
	}
}

func asForm(r *http.Request) {
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
}

// Answers and errors, those of the engine and injected ones, come in XML, with
// URLs that lead here.
func TestFormsAreAnswered(t *testing.T) {
	t.Parallel()
	url := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Amz-Target") == "AmazonSQS.ListQueues" {
			_, _ = io.WriteString(w, `{"QueueUrls":["http://x/0/jobs"]}`)
			return
		}
		w.Header().Set("X-Amzn-Query-Error", "AWS.SimpleQueueService.PurgeQueueInProgress;Sender")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"__type":"com.amazonaws.sqs#PurgeQueueInProgress","message":"a < b"}`)
	})
	injector := faults.New(1)
	for _, rule := range []faults.Rule{{Operation: "SendMessage", Status: 503}, {Operation: "DeleteQueue", Reset: true}} {
		if _, err := injector.Add(rule); err != nil {
			t.Fatal(err)
		}
	}
	injector.Begin()
	f := open(t, awsendpoint.Config{Services: map[string]string{"sqs": url}, Faults: injector, Keys: keys(t, false, allow("*", "*"))})
	const queue = "&QueueUrl=http%3A%2F%2Fh%2F000000000000%2Fjobs"
	for _, c := range []struct {
		form   string
		status int
		want   string
	}{
		{"Action=ListQueues", 200, "<ListQueuesResult><QueueUrl>" + f.URL() + "/000000000000/jobs</QueueUrl></ListQueuesResult>"},
		{"Action=PurgeQueue" + queue, 403, "<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.PurgeQueueInProgress</Code><Message>a &lt; b</Message>"},
		{"Action=SendMessage" + queue, 503, "<Error><Type>Receiver</Type><Code>"},
	} {
		answer, text := do(t, request(t, chat, f.URL(), "sqs", c.form, asForm))
		if answer.StatusCode != c.status || !strings.Contains(text, c.want) {
			t.Errorf("%s: answer %s: %s, want %s", c.form, answer.Status, text, c.want)
		}
	}
	if answer, err := client.Do(request(t, chat, f.URL(), "sqs", "Action=DeleteQueue"+queue, asForm)); err == nil {
		answer.Body.Close()
		t.Errorf("a reset is answered with %s", answer.Status)
	}
}
