package functions

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// invocation is an event on its way through a sandbox.
type invocation struct {
	id       string
	traceID  string
	payload  []byte
	kill     faults.Moment // when to kill its sandbox
	freeze   freezing      // how to freeze its sandbox
	answered chan answer   // gets exactly one

	// Guarded by the function's lock, once submitted:
	began    time.Time
	deadline time.Time
	init     time.Duration
	done     bool // it was answered
}

type answer struct {
	result Result
	err    error
}

func newInvocation(payload []byte, fault faults.Fault) *invocation {
	return &invocation{
		id: newUUID(), traceID: newTraceID(), payload: payload,
		kill: fault.Kill, freeze: freezing{lasts: fault.Freeze, after: fault.After},
		answered: make(chan answer, 1),
	}
}

// begin starts the clock.
func (i *invocation) begin(timeout, init time.Duration) {
	i.began = time.Now()
	i.deadline = i.began.Add(timeout)
	i.init = init
}

// result returns the result of the invocation, which ends now.
func (i *invocation) result(payload []byte, functionError string) Result {
	r := Result{Payload: payload, FunctionError: functionError, RequestID: i.id, InitDuration: i.init}
	if !i.began.IsZero() {
		r.Duration = time.Since(i.began)
	}
	return r
}

// deliver delivers the result, once.
func (i *invocation) deliver(a answer) {
	if !i.done {
		i.done = true
		i.answered <- a
	}
}

func newUUID() string {
	var b [16]byte
	rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newTraceID returns an X-Ray trace header that is not sampled.
func newTraceID() string {
	var b [20]byte
	rand.Read(b[:])
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", time.Now().Unix(), b[:12], b[12:])
}

// logStream returns the name of a sandbox's log stream in Lambda's format.
func logStream() string {
	var b [16]byte
	rand.Read(b[:])
	return time.Now().UTC().Format("2006/01/02") + "/[$LATEST]" + hex.EncodeToString(b[:])
}
