package roomcasttest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// Fault describes calls inside the stack and how they fail. Function, Service,
// Operation and Resource choose the calls; Share, Nth, Every, First, From, Until
// and Limit choose some of those; the other fields say what goes wrong. The zero
// value chooses every call and does nothing to it.
//
// docs/reference/faults.md explains each fault with an example.
type Fault struct {
	// Name is the fault's name in Faults and in errors. Two faults of a stack must
	// not share one.
	// Default: "rule" and a number.
	Name string

	// Function is the function that makes the call, by a name of
	// [Stack.Functions]; with Service "lambda" it is the function that is invoked.
	// "*" stands for any characters, here and in the three fields that follow.
	// Default: any.
	Function string
	// Service is "dynamodb", "sqs", "secretsmanager", "ssm", "execute-api" or
	// "lambda", or "jwks" for the identity provider that a function fetches keys
	// from.
	// Default: any.
	Service string
	// Operation is AWS's name of the call, such as "PutItem", "SendMessage",
	// "PostToConnection" or "Invoke". Further names are "$connect" and
	// "$disconnect" for these routes, "Deliver" for the delivery of a queue's
	// message to a function, and "Start" for the start of a function's process.
	// Default: any.
	Operation string
	// Resource is a table or a queue, by any of the names that Items and Depth
	// accept, the name of a secret or a parameter, a connection id, or the URL of
	// the keys.
	// Default: any.
	Resource string

	// Share is the probability, from 0 to 1, that a call is affected. The same
	// seed and the same calls give the same outcome.
	// At most one of Share, Nth, Every and First can be set.
	// Default: every call is affected.
	Share float64
	// Nth affects the Nth call only, counted from 1.
	Nth int
	// Every affects every Nth call.
	Every int
	// First affects the first N calls.
	First int
	// From and Until limit the fault to a period, measured from Inject. Calls
	// outside of it are not counted.
	// Default: from Inject until Remove.
	From, Until time.Duration
	// Limit is the most calls that are affected.
	// Default: no limit.
	Limit int

	// Throttle refuses the call as the service does when it is called too often:
	// 429 by API Gateway and Lambda, ProvisionedThroughputExceededException by
	// DynamoDB, RequestThrottled by SQS, ThrottlingException by Secrets Manager
	// and SSM.
	Throttle bool
	// Status answers with an HTTP status from 400 to 599.
	Status int
	// Code and Message are those of the error that Status or Throttle gives.
	// Default: the service's own.
	Code, Message string
	// Reset closes the caller's connection without an answer.
	Reset bool
	// After makes the call before Throttle, Status or Reset: the work is done, and
	// the caller sees a failure.
	After bool
	// Latency delays the call.
	Latency time.Duration

	// Gone closes the connection that is posted to and answers 410.
	Gone bool
	// FalselyGone answers 410 for a connection that stays open.
	FalselyGone bool
	// Lost answers 200 to PostToConnection without sending the message.
	Lost bool
	// LostDisconnect skips the call of $disconnect.
	LostDisconnect bool
	// EarlyDisconnect calls $disconnect while $connect is still running, and
	// closes the client's handshake.
	EarlyDisconnect bool

	// ApplyLate answers with Throttle, Status or Reset at once and makes the call
	// that much later. For writes only.
	ApplyLate time.Duration
	// Partial makes a part of a batch and answers that the rest was not processed.
	// For batches only.
	Partial bool

	// Duplicate delivers a message of a queue twice.
	Duplicate bool
	// Late holds back a message of a queue, so that later ones overtake it.
	Late time.Duration
	// Undeleted keeps messages in their queue after a function has processed them:
	// they are delivered again after the visibility timeout.
	Undeleted bool

	// Kill ends a function's process: KillBefore, KillDuring or KillAfter.
	Kill Kill
	// Freeze stops a function's process during its work; with After, when it has
	// answered.
	Freeze time.Duration
	// Clock sets the clock of a function's process wrong: ahead, or behind if it is
	// negative. At most 24 hours. It needs Linux on amd64, and does not affect
	// processes that have started.
	Clock time.Duration
	// ClockWithin does the same by a random time of up to so much, ahead or behind.
	// Each process has its own, which the seed decides.
	ClockWithin time.Duration
}

// Kill is the moment at which a function's process is ended.
type Kill string

// The moments of Kill.
const (
	KillBefore Kill = "before" // before the function receives the event
	KillDuring Kill = "during" // while it works
	KillAfter  Kill = "after"  // after it has answered, before the caller sees that
)

// rule returns the fault in the words of the injector.
func (f Fault) rule() faults.Rule {
	return faults.Rule{
		Name:     f.Name,
		Function: f.Function, Service: f.Service, Operation: f.Operation, Resource: f.Resource,
		Share: f.Share, Nth: f.Nth, Every: f.Every, First: f.First,
		From: f.From, Until: f.Until, Limit: f.Limit,
		Throttle: f.Throttle, Status: f.Status, Code: f.Code, Message: f.Message,
		Reset: f.Reset, After: f.After, Latency: f.Latency,
		Gone: f.Gone, FalselyGone: f.FalselyGone, Lost: f.Lost,
		LostDisconnect: f.LostDisconnect, EarlyDisconnect: f.EarlyDisconnect,
		ApplyLate: f.ApplyLate, Partial: f.Partial,
		Duplicate: f.Duplicate, Late: f.Late, Undeleted: f.Undeleted,
		Kill: faults.Moment(f.Kill), Freeze: f.Freeze, Clock: f.Clock, ClockWithin: f.ClockWithin,
	}
}

// Injected is a fault that was injected.
type Injected struct{ injection *faults.Injection }

// Count returns how many calls the fault has affected.
func (i *Injected) Count() int { return i.injection.Count() }

// Remove ends the fault: later calls succeed.
func (i *Injected) Remove() { i.injection.Remove() }

// Inject makes calls inside the stack fail from now on. If several faults match
// a call, the one that was injected first applies.
//
// The test fails if the fields of the fault contradict each other, or if the
// fault names a function, table or queue that does not exist: a fault that
// matches nothing would let the test pass. Tables and queues are checked if
// Service says which of them Resource is. Names with "*" are not checked.
func (s *Stack) Inject(t testing.TB, f Fault) *Injected {
	t.Helper()
	rule := f.rule()
	table, isTable := s.tableOf(f.Resource)
	queue, isQueue := s.queueOf(f.Resource)
	switch {
	case isTable:
		rule.Resource = table.Name
	case isQueue:
		rule.Resource = queue.Name
	case f.Resource == "" || strings.Contains(f.Resource, "*"):
		// Any resource, or a pattern.
	case f.Service == "dynamodb":
		s.table(t, f.Resource)
	case f.Service == "sqs":
		s.queue(t, f.Resource)
	}
	if f.Function != "" && !strings.Contains(f.Function, "*") && !slices.Contains(s.Functions(), f.Function) {
		t.Fatalf("roomcasttest: inject: invalid Function %q: expected one of the stack's functions, %s", f.Function, listed(s.Functions()))
	}
	injection, err := s.injector.Add(rule)
	if err != nil {
		t.Fatalf("roomcasttest: inject: %v", err)
	}
	return &Injected{injection}
}

// FaultCount counts the calls of a fault.
type FaultCount struct {
	// Rule is the fault's name.
	Rule string
	// Matched is how many calls the fault was about.
	Matched int
	// Injected is how many of them it affected.
	Injected int
}

// Faults returns the counts of all faults: first those of the fault file, then
// those of Inject in their order, with the removed ones.
func (s *Stack) Faults() []FaultCount {
	var counts []FaultCount
	for _, c := range s.injector.Counts() {
		counts = append(counts, FaultCount(c))
	}
	return counts
}
