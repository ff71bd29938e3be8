package usage

import (
	"sync"
	"time"
)

// The steps in which AWS bills larger sizes.
const (
	messageStep = 32 << 10 // bytes of a WebSocket message
	queueStep   = 64 << 10 // bytes of an SQS request's payload
)

// Meter meters usage. A nil Meter meters nothing. All methods may be called from
// any goroutine.
type Meter struct {
	now func() time.Time

	mu          sync.Mutex
	since       time.Time
	messages    map[messageKey]*Route
	connections map[string]*connections // by API
	invocations map[invocationKey]*invocations
	tables      map[tableKey]*Table
	queues      map[queueKey]*Queue
	logs        map[string]int64 // bytes, by function
}

type (
	messageKey    struct{ api, route string }
	invocationKey struct {
		function string
		memoryMB int
	}
	tableKey struct{ table, function, operation string }
	queueKey struct{ queue, function, operation string }
)

// invocations are a function's, in units that add up without loss.
type invocations struct {
	requests int64
	billed   int64 // ms
	duration time.Duration
	init     time.Duration
}

// New returns a Meter at zero.
func New() *Meter { return newMeter(time.Now) }

func newMeter(now func() time.Time) *Meter {
	m := &Meter{now: now, connections: map[string]*connections{}}
	m.clear()
	return m
}

// Reset sets everything to zero. Minutes of open connections that were already
// counted are not counted again.
func (m *Meter) Reset() {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
}

// clear sets everything to zero. mu is held, or the Meter is not shared yet.
func (m *Meter) clear() {
	m.since = m.now()
	m.messages = map[messageKey]*Route{}
	m.invocations = map[invocationKey]*invocations{}
	m.tables = map[tableKey]*Table{}
	m.queues = map[queueKey]*Queue{}
	m.logs = map[string]int64{}
	for _, c := range m.connections {
		c.reset(m.since)
	}
}

// Message meters a message of a WebSocket API, in (from a client) or out (to one),
// in steps of 32 KB. route is the route key of a message in. For a message out it
// is the label of the function that posted it, or whose route response it is.
func (m *Meter) Message(api, route string, in bool, bytes int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	r := entry(m.messages, messageKey{api, route})
	if n := steps(bytes, messageStep); in {
		r.In += n
		r.InBytes += int64(bytes)
	} else {
		r.Out += n
		r.OutBytes += int64(bytes)
	}
}

// Invocation meters a request to a function and its GB-seconds: configured memory
// times the duration, rounded up to 1 ms. init is the part for initialising the
// sandbox, in its first invocation.
func (m *Meter) Invocation(function string, memoryMB int, duration, init time.Duration) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := entry(m.invocations, invocationKey{function, memoryMB})
	i.requests++
	i.billed += int64((max(duration, 0) + time.Millisecond - 1) / time.Millisecond)
	i.duration += max(duration, 0)
	i.init += init
}

// Table meters the consumed capacity of a DynamoDB call. function is "" if the
// caller is not a function of the app.
func (m *Meter) Table(function, table, operation string, readUnits, writeUnits float64) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	t := entry(m.tables, tableKey{table, function, operation})
	t.Calls++
	t.ReadUnits += readUnits
	t.WriteUnits += writeUnits
}

// Queue meters an SQS request, in steps of 64 KB of payload, at least one. function
// is "" if the caller is not a function of the app.
func (m *Meter) Queue(function, queue, operation string, bytes int) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	q := entry(m.queues, queueKey{queue, function, operation})
	q.Calls++
	q.Requests += steps(bytes, queueStep)
}

// Log meters bytes of log lines.
func (m *Meter) Log(function string, bytes int) {
	if m == nil || bytes == 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.logs[function] += int64(bytes)
}

// entry returns the counter of a key, which it creates on first use.
func entry[K comparable, V any](counters map[K]*V, key K) *V {
	v := counters[key]
	if v == nil {
		v = new(V)
		counters[key] = v
	}
	return v
}

// steps returns the number of steps for a number of bytes: at least one.
func steps(bytes, size int) int64 {
	return int64(max(1, (bytes+size-1)/size))
}
