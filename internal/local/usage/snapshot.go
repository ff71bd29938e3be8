package usage

import (
	"cmp"
	"slices"
	"time"
)

// Snapshot is what has been counted between two moments. Its JSON names are
// part of the interface of GET /_roomcast/usage.
type Snapshot struct {
	// Since is when counting began, or was last reset.
	Since time.Time `json:"since"`
	// Until is when the snapshot was taken.
	Until time.Time `json:"until"`

	WebSocket WebSocket `json:"webSocket"`
	Lambda    Lambda    `json:"lambda"`
	DynamoDB  DynamoDB  `json:"dynamoDb"`
	SQS       SQS       `json:"sqs"`
	Logs      Logs      `json:"logs"`
}

// WebSocket is the use of API Gateway.
type WebSocket struct {
	// MessagesIn came from clients, MessagesOut went to them, in steps of 32 KB.
	MessagesIn  int64 `json:"messagesIn"`
	MessagesOut int64 `json:"messagesOut"`
	// Connections were opened; ConnectionMinutes are those begun by
	// connections, the open ones included.
	Connections       int64 `json:"connections"`
	ConnectionMinutes int64 `json:"connectionMinutes"`

	APIs   []API   `json:"apis"`
	Routes []Route `json:"routes"`
}

// API is the use of one WebSocket API's connections.
type API struct {
	API               string `json:"api"`
	Connections       int64  `json:"connections"`
	ConnectionMinutes int64  `json:"connectionMinutes"`
}

// Route is the use of a route, or what a function has sent.
type Route struct {
	API string `json:"api"`
	// Route is the route key for messages in, and for messages out the label
	// of the function that they came from.
	Route    string `json:"route"`
	In       int64  `json:"in"`
	InBytes  int64  `json:"inBytes"`
	Out      int64  `json:"out"`
	OutBytes int64  `json:"outBytes"`
}

// Lambda is the use of functions.
type Lambda struct {
	Requests  int64      `json:"requests"`
	GBSeconds float64    `json:"gbSeconds"`
	Functions []Function `json:"functions"`
}

// Function is the use of one function.
type Function struct {
	Function string `json:"function"`
	MemoryMB int    `json:"memoryMb"`
	Requests int64  `json:"requests"`
	// BilledMS are the milliseconds of all requests, each rounded up.
	BilledMS int64 `json:"billedMs"`
	// DurationMS are the same milliseconds before they are rounded.
	DurationMS float64 `json:"durationMs"`
	// InitMS are those of them that went into starting sandboxes.
	InitMS    float64 `json:"initMs"`
	GBSeconds float64 `json:"gbSeconds"`
}

// DynamoDB is the use of tables.
type DynamoDB struct {
	ReadUnits  float64 `json:"readUnits"`
	WriteUnits float64 `json:"writeUnits"`
	Tables     []Table `json:"tables"`
}

// Table is the use of a table by one function and operation.
type Table struct {
	Table      string  `json:"table"`
	Function   string  `json:"function"`
	Operation  string  `json:"operation"`
	Calls      int64   `json:"calls"`
	ReadUnits  float64 `json:"readUnits"`
	WriteUnits float64 `json:"writeUnits"`
}

// SQS is the use of queues.
type SQS struct {
	Requests int64   `json:"requests"`
	Queues   []Queue `json:"queues"`
}

// Queue is the use of a queue by one function and operation.
type Queue struct {
	Queue     string `json:"queue"`
	Function  string `json:"function"`
	Operation string `json:"operation"`
	Calls     int64  `json:"calls"`
	// Requests are the calls in steps of 64 KB.
	Requests int64 `json:"requests"`
}

// Logs is what functions have written.
type Logs struct {
	Bytes     int64         `json:"bytes"`
	Functions []FunctionLog `json:"functions"`
}

// FunctionLog is what one function has written.
type FunctionLog struct {
	Function string `json:"function"`
	Bytes    int64  `json:"bytes"`
}

// Snapshot returns the counts so far, every list in a fixed order. That of a
// nil Meter is empty.
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
	// Summed in the order of the list, so that equal counts give equal totals.
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
