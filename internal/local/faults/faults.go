package faults

import "time"

// Point is a call at which a fault can be injected, before the call is made.
type Point struct {
	// Service is the name in credential scopes: "dynamodb", "sqs",
	// "secretsmanager", "ssm", "execute-api" or "lambda"; "jwks" for the provider
	// of token keys.
	Service string
	// Operation is AWS's name of the call, such as "PutItem", "SendMessage",
	// "PostToConnection" or "Invoke"; "$connect" and "$disconnect" for API
	// Gateway's calls of those routes, "Deliver" for an event source's delivery of
	// a message, "Start" for the start of a function's process.
	Operation string
	// Function is the label of the calling function, or of the invoked one for
	// "lambda". It is "" if no function is involved.
	Function string
	// Resource is the table, queue, secret or parameter, the connection ID, or the
	// URL of the keys.
	Resource string
}

// Fault is the fault to inject. The zero value is no fault.
type Fault struct {
	// Latency delays the call.
	Latency time.Duration
	// Reset cuts the caller's connection without an answer.
	Reset bool
	// Status, unless 0, is answered instead of making the call, with the error Code
	// and Message in the service's format.
	Status        int
	Code, Message string
	// After makes the call before Status or Reset takes effect: the work is done,
	// and the caller gets an error.
	After bool
	// Close closes the connection that is posted to, so that a 410 is correct.
	Close bool
	// Drop skips the call: a $disconnect that never arrives.
	Drop bool
	// Kill ends the function's process before, during or after its work.
	Kill Moment
	// Duplicate delivers a queue's message a second time.
	Duplicate bool
	// Late delays a queue's message, so that later ones overtake it.
	Late time.Duration
	// ApplyLate makes the call this long after Status or Reset took effect.
	ApplyLate time.Duration
	// Partial processes a part of a batch.
	Partial bool
	// Lost drops a post to the client, although it is answered 200.
	Lost bool
	// EarlyDisconnect calls $disconnect while $connect is still running.
	EarlyDisconnect bool
	// Freeze stops the function's process for this long: during its work or, with
	// After, after its response.
	Freeze time.Duration
	// Clock is how far the process's clock is ahead, or behind if negative.
	Clock time.Duration
	// Undeleted keeps a processed message in its queue.
	Undeleted bool
}

// Moment is when a function is killed.
type Moment string

// The moments of a function's invocation. Never is the zero value.
const (
	Never  Moment = ""
	Before Moment = "before" // before it gets the event
	During Moment = "during" // while it works
	After  Moment = "after"  // after its response, before the caller gets it
)
