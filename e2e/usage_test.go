package e2e_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
	"github.com/roomcast/roomcast/roomcasttest/usage"
)

// One message to a room of ten, with everything that AWS would bill counted by
// hand.
func TestUsageIsExact(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	members := make([]*roomcasttest.Client, 10)
	for i := range members {
		members[i] = stack.MustDial(t, roomcasttest.WithUser(fmt.Sprint("user", i)), roomcasttest.WithRoom("lobby"))
	}
	used := stack.Usage()
	if w := used.WebSocket; w.MessagesIn != 0 || w.MessagesOut != 0 || w.Connections != 10 || w.ConnectionMinutes != 10 {
		t.Errorf("ten connections use %+v", w)
	}
	// Five items each: the connection, the membership, the user's, and the slots
	// of the address and of the user. Each reads the room's head before and after.
	// A connection takes a random slot of the address, and one more write unit if
	// that is taken.
	if d := used.DynamoDB; d.WriteUnits < 50 || d.WriteUnits > 53 || d.ReadUnits != 20 || used.Lambda.Requests != 10 {
		t.Errorf("ten connections use %+v and %+v", d, used.Lambda)
	}

	stack.ResetUsage()
	frame := object{"action": "sendMessage", "message": "hello", "clientId": "1"}
	members[0].Send(frame)
	for _, c := range members {
		c.Await("message")
	}
	sent, err := json.Marshal(frame)
	if err != nil {
		t.Fatal(err)
	}
	var got usage.Snapshot
	roomcasttest.Eventually(t, "ten messages and an ack are counted", func() bool {
		got = stack.Usage()
		return got.WebSocket.MessagesOut == 11 && got.Lambda.Requests == 1
	})
	if w := got.WebSocket; w.MessagesIn != 1 || w.Connections != 0 || w.ConnectionMinutes != 0 {
		t.Errorf("a message uses %+v", w)
	}
	for _, r := range got.WebSocket.Routes {
		switch r.Route {
		case "sendMessage":
			if r.In != 1 || r.InBytes != int64(len(sent)) || r.Out != 0 {
				t.Errorf("the route counts %+v for %d bytes", r, len(sent))
			}
		case sender:
			if r.In != 0 || r.Out != 11 {
				t.Errorf("the function counts %+v", r)
			}
		default:
			t.Errorf("there is no such route: %+v", r)
		}
	}
	checkTables(t, stack, got)
	f := got.Lambda.Functions[0]
	if len(got.Lambda.Functions) != 1 || f.Function != sender || f.Requests != 1 || f.BilledMS < 1 ||
		f.GBSeconds != float64(f.BilledMS)*float64(f.MemoryMB)/1024/1000 || got.Lambda.GBSeconds != f.GBSeconds {
		t.Errorf("functions use %+v", got.Lambda)
	}
	for _, q := range got.SQS.Queues {
		if q.Function == sender {
			t.Errorf("a small room needs no queue: %+v", q)
		}
	}
	// Success is not logged, neither by the function nor about it.
	if logs := got.Logs; logs.Bytes != 0 || len(logs.Functions) != 0 {
		t.Errorf("logs are %+v", logs)
	}
}

// checkTables counts the calls of one message: the sender (1 read), the user's
// rate (1 write), whether the send is known (half a read, with eventual
// consistency), the room's head, the claim and the log (a write each), the
// members (1 read: ten items are less than 4 KB).
func checkTables(t *testing.T, stack *roomcasttest.Stack, got usage.Snapshot) {
	t.Helper()
	type use struct {
		table, operation string
		calls            int64
		read, write      float64
	}
	want := map[use]bool{
		{stack.Output(connections), "GetItem", 1, 1, 0}:    true,
		{stack.Output(connections), "Query", 1, 1, 0}:      true,
		{stack.Output(connections), "UpdateItem", 1, 0, 1}: true,
		{stack.Output(messages), "GetItem", 1, 0.5, 0}:     true,
		{stack.Output(messages), "UpdateItem", 1, 0, 1}:    true,
		{stack.Output(messages), "PutItem", 2, 0, 2}:       true,
	}
	counted := map[use]bool{}
	for _, u := range got.DynamoDB.Tables {
		if u.Function != sender {
			t.Errorf("who calls? %+v", u)
		}
		counted[use{u.Table, u.Operation, u.Calls, u.ReadUnits, u.WriteUnits}] = true
	}
	if !reflect.DeepEqual(counted, want) || got.DynamoDB.ReadUnits != 2.5 || got.DynamoDB.WriteUnits != 4 {
		t.Errorf("tables use %+v, want %+v", got.DynamoDB, want)
	}
}

// A message to a large room takes one job, and is posted by another function.
func TestUsageOfALargeRoom(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	members := largeRoom(t, stack)
	stack.ResetUsage()
	members[0].Send(object{"action": "sendMessage", "message": "hello", "clientId": "1"})
	for _, c := range members {
		c.Await("message")
	}
	var got usage.Snapshot
	roomcasttest.Eventually(t, "101 messages and an ack are counted", func() bool {
		got = stack.Usage()
		return got.WebSocket.MessagesOut == 102 && got.Lambda.Requests == 2
	})
	for _, r := range got.WebSocket.Routes {
		if want := map[string]int64{sender: 1, "Chat/" + broadcast: 101}[r.Route]; r.Out != want {
			t.Errorf("the function counts %+v, want %d", r, want)
		}
	}
	var jobs int64
	for _, q := range got.SQS.Queues {
		if q.Operation == "SendMessageBatch" && q.Function == sender {
			jobs += q.Requests
		}
	}
	if jobs != 1 {
		t.Errorf("queues use %+v, want one job", got.SQS)
	}
}

func TestUsageOverHTTP(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, assembly)
	stack.MustDial(t, roomcasttest.WithUser("ada")).Send(object{"action": "ping"})
	roomcasttest.Eventually(t, "the ping is counted", func() bool { return stack.Usage().WebSocket.MessagesOut == 1 })
	callback, err := url.Parse(stack.CallbackURL())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(method, host string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://"+callback.Host+"/_roomcast/usage", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(body)
	}
	var got usage.Snapshot
	status, body := ask(http.MethodGet, "localhost")
	if err := json.Unmarshal([]byte(body), &got); err != nil || status != 200 || got.WebSocket.MessagesIn != 1 {
		t.Errorf("GET answers %d %s (%v)", status, body, err)
	}
	if status, _ := ask(http.MethodDelete, callback.Host); status != 204 || stack.Usage().WebSocket.MessagesIn != 0 {
		t.Errorf("DELETE answers %d, and leaves %+v", status, stack.Usage().WebSocket)
	}
	// A name on the internet that resolves to this machine is not its own.
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		if status, body := ask(method, "attacker.example"); status != 403 {
			t.Errorf("%s by another name answers %d %s", method, status, body)
		}
	}
	if status, _ := ask(http.MethodPost, callback.Host); status != 403 {
		t.Errorf("POST answers %d", status)
	}
}
