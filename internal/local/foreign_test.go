package local

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/coder/websocket"
)

// A foreign app's assembly runs: a WebSocket API with a bootstrap that knows
// nothing of Roomcast, a table with indexes, a FIFO queue with a dead-letter queue.
func TestForeignApp(t *testing.T) {
	t.Parallel()
	logs := &recorder{}
	site := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "site ", r.URL.Path) })
	c := start(t, Options{Assembly: foreignApp(t), Site: site, Logs: logs.add})

	apis := c.APIs()
	if len(apis) != 1 || apis[0].LogicalID != "Chat26DEB33F" || apis[0].Stage != "live" {
		t.Fatalf("APIs are %+v", apis)
	}
	outputs := c.Outputs()
	if outputs["Url"] != apis[0].WebSocketURL || outputs["Endpoint"]+"/live" != apis[0].WebSocketURL {
		t.Errorf("outputs %v do not name %s", outputs, apis[0].WebSocketURL)
	}
	t.Run("messages", func(t *testing.T) { testMessages(t, c, logs) })
	t.Run("table", func(t *testing.T) { testTable(t, c, outputs["TableName"]) })
	t.Run("dead letters", func(t *testing.T) { testDeadLetters(t, c, outputs["DeadQueueUrl"]) })
	t.Run("paths", func(t *testing.T) { testPaths(t, apis[0]) })
	t.Run("description", func(t *testing.T) { testDescription(t, c) })
}

func testMessages(t *testing.T, c *Cloud, logs *recorder) {
	ctx := t.Context()
	url := c.APIs()[0].WebSocketURL
	if _, response, err := websocket.Dial(ctx, url, nil); err == nil || response.StatusCode != http.StatusBadRequest {
		t.Fatalf("a handshake that $connect refuses answers %v, %v", response, err)
	}
	socket := dial(t, url+"?room=lobby")

	send(t, socket, `{"action":"hello"}`)
	if got := receive(t, socket); got != `{"action":"hello"} dev 3` {
		t.Errorf("the two-way route answers %s", got)
	}
	if line := "Handler: echo to "; !logs.has(line) {
		t.Errorf("logs lack %q: %q", line, logs.all())
	}
	send(t, socket, `{"action":"job","n":1}`)
	if got := receive(t, socket); got != `done: {"action":"job","n":1}` {
		t.Errorf("the worker posts %s", got)
	}
	send(t, socket, `{"action":"ping"}`) // a mock: nothing comes back
	send(t, socket, `{"action":"locked"}`)
	if got := receive(t, socket); !strings.HasPrefix(got, `{"message":"Internal server error"`) &&
		!strings.HasPrefix(got, `{"message": "Internal server error"`) {
		t.Errorf("a route without a Lambda permission answers %s", got)
	}
	if line := "API Gateway lacks the permission to call function Handler"; !logs.has(line) {
		t.Errorf("logs lack %q: %q", line, logs.all())
	}
}

func testTable(t *testing.T, c *Cloud, name string) {
	for index, key := range map[string]string{"byRoom": "room = :v", "byRoomOfKey": "pk = :v"} {
		_, err := c.dynamoDB().Query(t.Context(), &dynamodb.QueryInput{
			TableName:                 aws.String(name),
			IndexName:                 aws.String(index),
			KeyConditionExpression:    aws.String(key),
			ExpressionAttributeValues: map[string]types.AttributeValue{":v": &types.AttributeValueMemberS{Value: "lobby"}},
		})
		if err != nil {
			t.Errorf("index %s: %v", index, err)
		}
	}
	scanned, err := c.dynamoDB().Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(name)})
	if err != nil || len(scanned.Items) != 1 {
		t.Errorf("the table holds %v, %v; want one connection", scanned, err)
	}
}

// A job that fails is received twice and then lies in the dead-letter queue.
func testDeadLetters(t *testing.T, c *Cloud, deadQueue string) {
	client, ctx := c.sqs(), t.Context()
	jobs := c.Outputs()["QueueUrl"]
	shorten(t, c, jobs)
	_, err := client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl:       aws.String(jobs),
		MessageBody:    aws.String(`{"Connection":"x","Text":"{\"poison\":true}"}`),
		MessageGroupId: aws.String("poison"),
	})
	if err != nil {
		t.Fatal(err)
	}
	received, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(deadQueue),
		WaitTimeSeconds:             20,
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{"All"},
	})
	if err != nil || len(received.Messages) != 1 || !strings.Contains(*received.Messages[0].Body, "poison") {
		t.Errorf("the dead-letter queue gives %+v, %v", received, err)
	}
}

// shorten shortens the template's visibility timeout, which must be longer than the
// function's timeout, so that the test does not wait for it.
func shorten(t *testing.T, c *Cloud, queue string) {
	t.Helper()
	_, err := c.sqs().SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl:   aws.String(queue),
		Attributes: map[string]string{"VisibilityTimeout": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testPaths(t *testing.T, api API) {
	root := strings.TrimSuffix(api.CallbackURL, "/live")
	for path, want := range map[string]string{
		"/":                       "200 site /",
		"/assets/app.js":          "200 site /assets/app.js",
		"/live/@connections/none": "", // the gateway's, whatever it answers
	} {
		response, err := http.Get(root + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		got := fmt.Sprint(response.StatusCode, " ", string(body))
		if want != "" && got != want || want == "" && strings.Contains(got, "site") {
			t.Errorf("%s answers %s, want %s", path, got, want)
		}
	}
}

func testDescription(t *testing.T, c *Cloud) {
	lines := c.Describe()
	for _, want := range []string{
		"API Chat: " + c.APIs()[0].WebSocketURL + ", 5 routes",
		"function Handler: handler socket, 256 MB, 5s",
		"not emulated: AWS::CloudWatch::Alarm (DeadAlarm8AE6B9D2)",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the description lacks %q:\n%s", want, strings.Join(lines, "\n"))
		}
	}
}
