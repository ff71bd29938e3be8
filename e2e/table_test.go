package e2e_test

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/roomcasttest"
)

// The stack outputs that name the tables.
const (
	connections = "ConnectionTableName"
	messages    = "MessageTableName"
)

// putGhost writes the items of a connection that the gateway does not know, as
// a lost $disconnect leaves them.
func putGhost(t *testing.T, stack *roomcasttest.Stack, id, user, room string, since time.Time) {
	t.Helper()
	for _, row := range []roomcasttest.Item{
		{"pk": "CONN#" + id, "sk": "-", "rooms": map[string]any{room: 0}},
		{"pk": "ROOM#" + room + "#0", "sk": id, "roomId": room},
		{"pk": "USER#" + user, "sk": id},
	} {
		row["connectionId"], row["userId"] = id, user
		row["connectedAt"] = since.UnixMilli()
		row["ttl"] = since.Add(2*time.Hour + 5*time.Minute).Unix()
		stack.PutItem(t, connections, row)
	}
}
