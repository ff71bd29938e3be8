package usage

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// clocked returns a Meter and a function that moves its clock.
func clocked() (*Meter, *time.Time) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return newMeter(func() time.Time { return now }), &now
}

func TestMessagesAreCountedInStepsOf32KB(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		bytes int
		want  int64
	}{{0, 1}, {1, 1}, {32 << 10, 1}, {32<<10 + 1, 2}, {33 << 10, 2}, {64 << 10, 2}, {128 << 10, 4}} {
		m := New()
		m.Message("api", "sendMessage", true, c.bytes)
		m.Message("api", "Chat/Send", false, c.bytes)
		got := m.Snapshot().WebSocket
		if got.MessagesIn != c.want || got.MessagesOut != c.want {
			t.Errorf("a message of %d bytes counts %d in and %d out, want %d", c.bytes, got.MessagesIn, got.MessagesOut, c.want)
		}
		want := []Route{
			{API: "api", Route: "Chat/Send", Out: c.want, OutBytes: int64(c.bytes)},
			{API: "api", Route: "sendMessage", In: c.want, InBytes: int64(c.bytes)},
		}
		if !reflect.DeepEqual(got.Routes, want) {
			t.Errorf("routes are %+v, want %+v", got.Routes, want)
		}
	}
}

func TestConnectionMinutesAreCountedAsBegun(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		open time.Duration
		want int64
	}{{-time.Second, 1}, {0, 1}, {time.Second, 1}, {time.Minute, 1}, {time.Minute + 1, 2}, {2 * time.Hour, 120}} {
		m, now := clocked()
		m.Connected("api", "c", *now)
		*now = now.Add(c.open)
		if got := m.Snapshot().WebSocket.ConnectionMinutes; got != c.want {
			t.Errorf("open for %v counts %d minutes, want %d", c.open, got, c.want)
		}
		m.Disconnected("api", "c", *now)
		m.Disconnected("api", "c", now.Add(time.Hour)) // it has ended
		*now = now.Add(time.Hour)
		if got := m.Snapshot().WebSocket; got.ConnectionMinutes != c.want || got.Connections != 1 {
			t.Errorf("closed after %v counts %+v, want %d minutes", c.open, got, c.want)
		}
	}
}

// However often it is reset, a connection's minutes add up to those of its life.
func TestResetCountsNoMinuteTwice(t *testing.T) {
	t.Parallel()
	m, now := clocked()
	begin := *now
	m.Connected("api", "c", begin)
	var sum int64
	for _, at := range []time.Duration{20 * time.Second, 50 * time.Second, 90 * time.Second, 5 * time.Minute} {
		*now = begin.Add(at)
		sum += m.Snapshot().WebSocket.ConnectionMinutes
		m.Reset()
		if got := m.Snapshot().WebSocket; got.ConnectionMinutes != 0 || got.Connections != 0 {
			t.Errorf("just after a reset: %+v", got)
		}
	}
	m.Disconnected("api", "c", begin.Add(5*time.Minute+time.Second))
	if sum += m.Snapshot().WebSocket.ConnectionMinutes; sum != 6 {
		t.Errorf("5 minutes and a second come to %d minutes, want 6", sum)
	}
}

func TestInvocationsAreRoundedUpEach(t *testing.T) {
	t.Parallel()
	m := New()
	m.Invocation("Chat/Send", 256, 1500*time.Microsecond, 0)
	m.Invocation("Chat/Send", 256, 1500*time.Microsecond, time.Millisecond)
	m.Invocation("Chat/Send", 256, 2*time.Millisecond, 0)
	m.Invocation("Chat/Join", 1024, time.Second, 0)
	got := m.Snapshot().Lambda
	want := Lambda{Requests: 4, GBSeconds: 1.0015, Functions: []Function{
		{Function: "Chat/Join", MemoryMB: 1024, Requests: 1, BilledMS: 1000, DurationMS: 1000, GBSeconds: 1},
		{Function: "Chat/Send", MemoryMB: 256, Requests: 3, BilledMS: 6, DurationMS: 5, InitMS: 1, GBSeconds: 0.0015},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestTablesAndQueuesAndLogs(t *testing.T) {
	t.Parallel()
	m := New()
	m.Table("Chat/Send", "Messages", "PutItem", 0, 2)
	m.Table("Chat/Send", "Messages", "PutItem", 0, 1)
	m.Table("Chat/Send", "Connections", "Query", 0.5, 0)
	m.Queue("Chat/Send", "jobs.fifo", "SendMessage", 64<<10)
	m.Queue("Chat/Send", "jobs.fifo", "SendMessage", 64<<10+1)
	m.Queue("", "jobs.fifo", "ReceiveMessage", 0)
	m.Log("Chat/Send", 100)
	m.Log("Chat/Send", 20)
	got := m.Snapshot()
	if want := (DynamoDB{ReadUnits: 0.5, WriteUnits: 3, Tables: []Table{
		{Table: "Connections", Function: "Chat/Send", Operation: "Query", Calls: 1, ReadUnits: 0.5},
		{Table: "Messages", Function: "Chat/Send", Operation: "PutItem", Calls: 2, WriteUnits: 3},
	}}); !reflect.DeepEqual(got.DynamoDB, want) {
		t.Errorf("got %+v, want %+v", got.DynamoDB, want)
	}
	if want := (SQS{Requests: 4, Queues: []Queue{
		{Queue: "jobs.fifo", Operation: "ReceiveMessage", Calls: 1, Requests: 1},
		{Queue: "jobs.fifo", Function: "Chat/Send", Operation: "SendMessage", Calls: 2, Requests: 3},
	}}); !reflect.DeepEqual(got.SQS, want) {
		t.Errorf("got %+v, want %+v", got.SQS, want)
	}
	if want := (Logs{Bytes: 120, Functions: []FunctionLog{{Function: "Chat/Send", Bytes: 120}}}); !reflect.DeepEqual(got.Logs, want) {
		t.Errorf("got %+v, want %+v", got.Logs, want)
	}
}

// The names are an interface: their readers are not in this repository.
func TestJSON(t *testing.T) {
	t.Parallel()
	m, now := clocked()
	m.Connected("abcdefghij", "c", *now)
	m.Message("abcdefghij", "$default", true, 10)
	m.Invocation("F", 1024, time.Second, time.Millisecond)
	m.Table("F", "T", "Query", 1, 0)
	m.Queue("F", "Q", "SendMessage", 1)
	m.Log("F", 7)
	got, err := json.Marshal(m.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"since":"2026-01-01T00:00:00Z","until":"2026-01-01T00:00:00Z",` +
		`"webSocket":{"messagesIn":1,"messagesOut":0,"connections":1,"connectionMinutes":1,` +
		`"apis":[{"api":"abcdefghij","connections":1,"connectionMinutes":1}],` +
		`"routes":[{"api":"abcdefghij","route":"$default","in":1,"inBytes":10,"out":0,"outBytes":0}]},` +
		`"lambda":{"requests":1,"gbSeconds":1,"functions":[{"function":"F","memoryMb":1024,"requests":1,"billedMs":1000,"durationMs":1000,"initMs":1,"gbSeconds":1}]},` +
		`"dynamoDb":{"readUnits":1,"writeUnits":0,"tables":[{"table":"T","function":"F","operation":"Query","calls":1,"readUnits":1,"writeUnits":0}]},` +
		`"sqs":{"requests":1,"queues":[{"queue":"Q","function":"F","operation":"SendMessage","calls":1,"requests":1}]},` +
		`"logs":{"bytes":7,"functions":[{"function":"F","bytes":7}]}}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	empty, err := json.Marshal(New().Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(empty), "null") {
		t.Errorf("an empty list is null: %s", empty)
	}
}

func TestNilMeter(t *testing.T) {
	t.Parallel()
	var m *Meter
	m.Message("", "", true, 1)
	m.Connected("", "", time.Time{})
	m.Disconnected("", "", time.Time{})
	m.Invocation("", 1, 1, 0)
	m.Table("", "", "", 1, 1)
	m.Queue("", "", "", 1)
	m.Log("", 1)
	m.Reset()
	if got := m.Snapshot(); !reflect.DeepEqual(got, Snapshot{}) {
		t.Errorf("a nil Meter has counted %+v", got)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	m := New()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				m.Message("api", "r", true, 1)
				m.Invocation("f", 128, time.Millisecond, 0)
			}
			m.Snapshot()
		})
	}
	all.Wait()
	if got := m.Snapshot(); got.WebSocket.MessagesIn != 4000 || got.Lambda.Requests != 4000 {
		t.Errorf("counted %+v", got)
	}
}
