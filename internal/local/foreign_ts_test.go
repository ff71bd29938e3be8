package local

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/coder/websocket"
)

// chatMessage is what the foreign app's sendMessage posts.
type chatMessage struct{ From, RoomID, Message, Error, ConnectionID string }

func parse(t *testing.T, frame string) (m chatMessage) {
	t.Helper()
	if err := json.Unmarshal([]byte(frame), &m); err != nil {
		t.Fatalf("%s: %v", frame, err)
	}
	return m
}

// A TypeScript app's assembly runs unchanged: JavaScript functions with the AWS
// SDK, inline code, an index, custom resources.
func TestForeignTypeScriptApp(t *testing.T) {
	t.Parallel()
	logs := &recorder{}
	c := start(t, Options{Assembly: "testdata/foreign-ts/assembly", Logs: logs.add})
	url, table := c.Outputs()["Url"], c.Outputs()["TableName"]

	_, response, err := websocket.Dial(t.Context(), url, nil)
	if err == nil || response == nil || response.StatusCode != http.StatusBadRequest {
		t.Fatalf("a handshake without a room: %v", err)
	}
	// More than a page of the function's query.
	var members []*websocket.Conn
	for range 12 {
		members = append(members, dial(t, url+"?roomId=blue"))
	}
	other := dial(t, url+"?roomId=green")
	putGhost(t, c, table)

	send(t, members[0], `{"action":"sendmessage","message":"hello"}`)
	var from string
	for i, member := range members {
		m := parse(t, receive(t, member))
		if m.Message != "hello" || m.RoomID != "blue" || m.From == "" || from != "" && m.From != from {
			t.Errorf("member %d got %+v", i, m)
		}
		from = m.From
	}
	// The SDK gets 410 for a closed connection, and the app handles it.
	if !logs.has("\tINFO\tgone Z2hvc3Q=") {
		t.Errorf("the ghost was not found to be gone: %q", logs.all())
	}
	// The inline function answers as a route response.
	send(t, other, `{"action":"dance"}`)
	if m := parse(t, receive(t, other)); m.Error != "unknown action" || m.ConnectionID == "" {
		t.Errorf("the other room got %+v", m)
	}
	if err := other.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	if !logs.has("disconnected") {
		t.Errorf("$disconnect did not run: %q", logs.all())
	}
	awaitRows(t, c, table, len(members))

	lines := c.Describe()
	for _, want := range []string{
		"not emulated: Custom::LogRetention (SendMessage, Connect, Disconnect)",
		"function SendMessage: handler index.sendMessage, 256 MB, 10s, nodejs22.x on this machine's Node",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the description lacks %q:\n%s", want, strings.Join(lines, "\n"))
		}
	}
}

// putGhost enters a connection that does not exist.
func putGhost(t *testing.T, c *Cloud, table string) {
	t.Helper()
	_, err := c.dynamoDB().PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: map[string]types.AttributeValue{
		"connectionId": &types.AttributeValueMemberS{Value: "Z2hvc3Q="},
		"roomId":       &types.AttributeValueMemberS{Value: "blue"},
	}})
	if err != nil {
		t.Fatal(err)
	}
}

// awaitRows waits until the table has this many items.
func awaitRows(t *testing.T, c *Cloud, table string, want int) {
	t.Helper()
	err := errors.New("never looked")
	for range 100 {
		var scanned *dynamodb.ScanOutput
		if scanned, err = c.dynamoDB().Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(table)}); err == nil && len(scanned.Items) == want {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the table never had %d items: %v", want, err)
}
