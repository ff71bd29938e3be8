package faults

import "time"

// Point is a moment at which a fault can be injected: a call that is about to
// be made.
type Point struct {
	// Service is the name AWS gives it in credential scopes: "dynamodb",
	// "sqs", "secretsmanager", "ssm", "execute-api" or "lambda"; "jwks" for
	// the provider that publishes the keys of tokens.
	Service string
	// Operation is AWS's name of the call, such as "PutItem", "SendMessage",
	// "PostToConnection" or "Invoke"; "$connect" and "$disconnect" for API
	// Gateway's own calls of those routes, "Deliver" for an event source's
	// delivery of a message, "Start" for the start of a function's process.
	Operation string
	// Function is the label of the function that calls, or for "lambda" of the
	// one that is invoked. It is "" when no function is concerned.
	Function string
	// Resource is the table, the queue, the secret, the parameter, the
	// connection id or the URL of the keys.
	Resource string
}

// Fault is what goes wrong. The zero value is nothing.
type Fault struct {
	// Latency is waited before the call goes on.
	Latency time.Duration
	// Reset cuts the caller's connection without an answer.
	Reset bool
	// Status, when not 0, is answered instead of making the call, with the
	// error Code and Message in the service's own form.
	Status        int
	Code, Message string
	// After makes the call all the same before Status or Reset takes effect:
	// the work is done, and the caller hears that it failed.
	After bool
	// Close ends the connection that is posted to, so that a 410 is true.
	Close bool
	// Drop leaves the call out: a $disconnect that never comes.
	Drop bool
	// Kill ends the function's process before, during or after its work.
	Kill Moment
	// Duplicate delivers a queue's message a second time.
	Duplicate bool
	// Late holds a queue's message back, so that later ones overtake it.
	Late time.Duration
	// ApplyLate makes the call so much later than Status or Reset takes effect.
	ApplyLate time.Duration
	// Partial carries out a part of a batch.
	Partial bool
	// Lost keeps a post from the client, though it is answered 200.
	Lost bool
	// EarlyDisconnect calls $disconnect while $connect is still running.
	EarlyDisconnect bool
	// Freeze stops the function's process for so long: in the middle of its
	// work or, with After, when it has answered.
	Freeze time.Duration
	// Clock is how far the process's clock is ahead; behind when negative.
	Clock time.Duration
	// Undeleted keeps a queue's message that has been processed.
	Undeleted bool
}

// Moment is when a function is killed.
type Moment string

// The moments of a function's invocation. Never is the zero value.
const (
	Never  Moment = ""
	Before Moment = "before" // before it gets the event
	During Moment = "during" // while it works
	After  Moment = "after"  // when it has answered, before the caller hears
)
