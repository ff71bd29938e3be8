package usage

import (
	"cmp"
	"slices"
	"time"

	"github.com/roomcast/roomcast/roomcasttest/usage"
)

// These types are public, so that tests and programs can name them.

type (
	// Snapshot is the usage of a run.
	Snapshot = usage.Snapshot
	// WebSocket is the usage of WebSocket APIs.
	WebSocket = usage.WebSocket
	// API is the usage of one API.
	API = usage.API
	// Route is the usage of a route.
	Route = usage.Route
	// Lambda is the usage of functions.
	Lambda = usage.Lambda
	// Function is the usage of one function.
	Function = usage.Function
	// DynamoDB is the usage of tables.
	DynamoDB = usage.DynamoDB
	// Table is the usage of one table.
	Table = usage.Table
	// SQS is the usage of queues.
	SQS = usage.SQS
	// Queue is the usage of one queue.
	Queue = usage.Queue
	// Logs is the usage of logs.
	Logs = usage.Logs
	// FunctionLog is the log usage of one function.
	FunctionLog = usage.FunctionLog
)

// Snapshot returns the usage so far, with every list in a fixed order. A nil Meter
// returns an empty one.
func (m *Meter) Snapshot() Snapshot {
	if m == nil {
		return Snapshot{}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := Snapshot{Since: m.since, Until: m.now()}
	s.WebSocket = m.webSocket(s.Until)
	s.Lambda = m.lambda()
	s.DynamoDB = m.dynamoDB()
	s.SQS = m.sqs()
	s.Logs = m.functionLogs()
	return s
}

func (m *Meter) webSocket(at time.Time) WebSocket {
	w := WebSocket{APIs: []API{}, Routes: []Route{}}
	for name, c := range m.connections {
		api := API{API: name, Connections: c.opened, ConnectionMinutes: c.total(at)}
		w.Connections += api.Connections
		w.ConnectionMinutes += api.ConnectionMinutes
		w.APIs = append(w.APIs, api)
	}
	for key, counted := range m.messages {
		r := *counted
		r.API, r.Route = key.api, key.route
		w.MessagesIn += r.In
		w.MessagesOut += r.Out
		w.Routes = append(w.Routes, r)
	}
	slices.SortFunc(w.APIs, func(a, b API) int { return cmp.Compare(a.API, b.API) })
	slices.SortFunc(w.Routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.API, b.API), cmp.Compare(a.Route, b.Route))
	})
	return w
}

func (m *Meter) lambda() Lambda {
	l := Lambda{Functions: []Function{}}
	for key, i := range m.invocations {
		f := Function{
			Function: key.function, MemoryMB: key.memoryMB,
			Requests: i.requests, BilledMS: i.billed,
			DurationMS: float64(i.duration) / float64(time.Millisecond),
			InitMS:     float64(i.init) / float64(time.Millisecond),
			GBSeconds:  float64(int64(key.memoryMB)*i.billed) / (1024 * 1000),
		}
		l.Requests += f.Requests
		l.Functions = append(l.Functions, f)
	}
	slices.SortFunc(l.Functions, func(a, b Function) int {
		return cmp.Or(cmp.Compare(a.Function, b.Function), cmp.Compare(a.MemoryMB, b.MemoryMB))
	})
	// Adding in the order of the list gives equal totals for equal counts.
	for _, f := range l.Functions {
		l.GBSeconds += f.GBSeconds
	}
	return l
}

func (m *Meter) dynamoDB() DynamoDB {
	d := DynamoDB{Tables: []Table{}}
	for key, counted := range m.tables {
		t := *counted
		t.Table, t.Function, t.Operation = key.table, key.function, key.operation
		d.ReadUnits += t.ReadUnits
		d.WriteUnits += t.WriteUnits
		d.Tables = append(d.Tables, t)
	}
	slices.SortFunc(d.Tables, func(a, b Table) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Operation, b.Operation))
	})
	return d
}

func (m *Meter) sqs() SQS {
	s := SQS{Queues: []Queue{}}
	for key, counted := range m.queues {
		q := *counted
		q.Queue, q.Function, q.Operation = key.queue, key.function, key.operation
		s.Requests += q.Requests
		s.Queues = append(s.Queues, q)
	}
	slices.SortFunc(s.Queues, func(a, b Queue) int {
		return cmp.Or(cmp.Compare(a.Queue, b.Queue), cmp.Compare(a.Function, b.Function), cmp.Compare(a.Operation, b.Operation))
	})
	return s
}

func (m *Meter) functionLogs() Logs {
	l := Logs{Functions: []FunctionLog{}}
	for name, bytes := range m.logs {
		l.Bytes += bytes
		l.Functions = append(l.Functions, FunctionLog{Function: name, Bytes: bytes})
	}
	slices.SortFunc(l.Functions, func(a, b FunctionLog) int { return cmp.Compare(a.Function, b.Function) })
	return l
}
