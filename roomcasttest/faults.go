package roomcasttest

import (
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// Fault says which calls inside the stack fail, and how. Its zero values mean:
// any call, each of them, nothing. docs/reference/faults.md has the same in words, with
// examples.
type Fault struct {
	// Name is how Faults and errors call it. Default: "rule" and a number.
	Name string

	// Function is the caller, or for "lambda" the function that is invoked, as
	// Functions names it. Service is "dynamodb", "sqs", "secretsmanager", "ssm",
	// "execute-api", "lambda", or "jwks" for the token provider that a function
	// fetches keys from. Operation is AWS's name of the call, such as "PutItem",
	// "SendMessage", "PostToConnection" or "Invoke"; "$connect" and "$disconnect"
	// for these routes, "Deliver" for the delivery of a queue's message to a
	// function, "Start" for the start of a function's process. Resource is a table
	// or a queue, by what Items and Depth take for one, the name of a secret or a
	// parameter, a connection id, or the URL of the keys. "*" stands for any
	// characters. Default: any.
	Function, Service, Operation, Resource string

	// Share is the probability, up to 1, with which each call is befallen. The
	// same seed and the same calls have the same outcome.
	Share float64
	// Nth befalls that one call, counted from 1; Every each so manieth; First
	// so many at the beginning. At most one of Share, Nth, Every and First is
	// set. Default: every call.
	Nth, Every, First int
	// From and Until bound the time in which calls are befallen, measured from
	// Inject. Calls outside of it are not counted either. Default: at once,
	// for good.
	From, Until time.Duration
	// Limit is how many calls are befallen at most. Default: no limit.
	Limit int

	// Throttle refuses the call as its service does when it is called too
	// often: 429 by API Gateway and Lambda,
	// ProvisionedThroughputExceededException by DynamoDB, RequestThrottled by
	// SQS, ThrottlingException by Secrets Manager and SSM.
	Throttle bool
	// Status answers with this HTTP status, from 400 to 599. Code and Message
	// are the error's, also that of Throttle. Default: those of the service.
	Status        int
	Code, Message string
	// Reset cuts the caller's connection without an answer.
	Reset bool
	// After lets the call be made before Throttle, Status or Reset: the work
	// is done, and the caller hears that it failed.
	After bool
	// Latency is waited before the call.
	Latency time.Duration
	// Gone closes the connection that is posted to and answers 410.
	// FalselyGone answers 410 for a connection that is open.
	Gone, FalselyGone bool
	// LostDisconnect leaves the call of $disconnect out.
	LostDisconnect bool
	// Kill ends a function's process: KillBefore, KillDuring or KillAfter.
	Kill Kill
	// Duplicate delivers a message of a queue twice.
	Duplicate bool
	// Late holds a message of a queue back for so long, so that later ones
	// overtake it.
	Late time.Duration
	// ApplyLate answers with Throttle, Status or Reset at once, and makes the
	// write all the same, so much later. It applies to writes only.
	ApplyLate time.Duration
	// Partial carries out a part of a batch, and answers that the rest was not.
	// It applies to batches only.
	Partial bool
	// Lost answers 200 to PostToConnection, and the client never gets the
	// message.
	Lost bool
	// EarlyDisconnect calls $disconnect while $connect is still running, and
	// cuts the client's handshake.
	EarlyDisconnect bool
	// Freeze stops a function's process in the middle of its work for so long;
	// with After, once it has answered.
	Freeze time.Duration
	// Clock sets the clock of a function's process wrong by so much: ahead, or
	// behind when it is negative. ClockWithin does so by up to so much, either
	// way: the seed decides for each process. Both need Linux on amd64, and
	// leave processes alone that have started before.
	Clock, ClockWithin time.Duration
	// Undeleted leaves messages in their queue that a function has processed:
	// they come again after the visibility timeout.
	Undeleted bool
}

// Kill is when a function's process is ended.
type Kill = faults.Moment

// The moments at which a Fault can kill a function.
const (
	KillBefore Kill = faults.Before // before it gets the event
	KillDuring Kill = faults.During // while it works
	KillAfter  Kill = faults.After  // when it has answered, before the caller hears
)

// Injected is a fault in force.
type Injected struct{ injection *faults.Injection }

// Count is how many calls it has befallen.
func (i *Injected) Count() int { return i.injection.Count() }

// Remove lets calls succeed again.
func (i *Injected) Remove() { i.injection.Remove() }

// Inject makes calls inside the stack fail from now on. It fails the test when
// the fault contradicts itself, or names a function, a table or a queue that does
// not exist: a fault that is never injected would make the test pass for
// nothing. A table or a queue is known as such by its Service.
//
// A call gets the first fault that applies to it, in the order of injection.
func (s *Stack) Inject(t testing.TB, f Fault) *Injected {
	t.Helper()
	rule := faults.Rule(f)
	table, isTable := s.tableOf(f.Resource)
	queue, isQueue := s.queueOf(f.Resource)
	switch {
	case isTable:
		rule.Resource = table.Name
	case isQueue:
		rule.Resource = queue.Name
	case f.Resource == "" || strings.Contains(f.Resource, "*"):
		// Any, or a pattern, which is taken on trust.
	case f.Service == "dynamodb":
		s.table(t, f.Resource)
	case f.Service == "sqs":
		s.queue(t, f.Resource)
	}
	if f.Function != "" && !s.hasFunction(f.Function) {
		t.Fatalf("roomcasttest: inject: Function: there is no function %q in the stack, only %s", f.Function, listed(s.Functions()))
	}
	injection, err := s.injector.Add(rule)
	if err != nil {
		t.Fatalf("roomcasttest: inject: %v", err)
	}
	return &Injected{injection}
}

// hasFunction says whether there is a function of that name. A pattern is
// taken on trust.
func (s *Stack) hasFunction(name string) bool {
	if strings.Contains(name, "*") {
		return true
	}
	for _, f := range s.Functions() {
		if f == name {
			return true
		}
	}
	return false
}

// FaultCount is what a fault has done: Matched, how many calls it
// concerned, and Injected, how many of them it befell. Rule is its name.
type FaultCount = faults.Count

// Faults returns what each fault has done so far, those of the fault file
// first, removed ones too.
func (s *Stack) Faults() []FaultCount { return s.injector.Counts() }
