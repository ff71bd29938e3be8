package dynamo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/internal/realtime"
)

// TestItems compares what is stored with the tables in doc.go: other programs,
// and later versions of this one, read it.
func TestItems(t *testing.T) {
	t.Parallel()
	connectionTable, messageTable := newTable(t), newTable(t)
	at := time.UnixMilli(1_790_000_000_123)
	connections := NewConnections(client, connectionTable, func() time.Time { return at })
	err := connections.Connect(t.Context(), realtime.Connection{
		ID: "c1=", UserID: "ada", IP: "192.0.2.1", Rooms: []string{"lobby"},
		ConnectedAt: at, ExpiresAt: time.Unix(1_790_007_500, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = NewLog(client, messageTable).Append(t.Context(), realtime.Entry{
		RoomID: "lobby", ID: "01J", UserID: "ada", Message: "hello",
		Timestamp: at, ExpiresAt: time.Unix(1_790_604_800, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"CONN#c1= -: connectedAt=1790000000123 connectionId=c1= ip=192.0.2.1 rooms=[lobby] ttl=1790007500 userId=ada",
		"ROOM#lobby#0 c1=: connectedAt=1790000000123 connectionId=c1= roomId=lobby ttl=1790007500 userId=ada",
		"USER#ada c1=: connectedAt=1790000000123 connectionId=c1= ttl=1790007500 userId=ada",
	}
	if got := dump(t, connectionTable); !slices.Equal(got, want) {
		t.Errorf("table of connections:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	want = []string{
		"ROOM#lobby 0000000000000001: id=01J message=hello timestamp=1790000000123 ttl=1790604800 userId=ada",
		"ROOM#lobby HEAD: epoch=01J seq=1 shards=1",
	}
	if got := dump(t, messageTable); !slices.Equal(got, want) {
		t.Errorf("table of messages:\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// dump returns the items of a table, sorted, each in one line.
func dump(t *testing.T, table string) []string {
	t.Helper()
	out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, i := range out.Items {
		line := value(i["pk"]) + " " + value(i["sk"]) + ":"
		for _, attr := range slices.Sorted(maps.Keys(i)) {
			if attr != "pk" && attr != "sk" {
				line += " " + attr + "=" + value(i[attr])
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func value(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberSS:
		return fmt.Sprint(v.Value)
	default:
		return fmt.Sprintf("%T", v)
	}
}
