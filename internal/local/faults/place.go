package faults

import (
	"slices"
	"strings"
)

// place is a kind of Point: which faults can happen depends on it.
type place int

const (
	calls       place = iota // of DynamoDB, SQS and what else answers a function
	commands                 // of the @connections API
	connects                 // API Gateway's $connect
	disconnects              // API Gateway's $disconnect
	invocations              // of a function
	starts                   // of a function's process
	deliveries               // of a queue's message to a function
)

// The operations that are no calls of a client.
const (
	connect    = "$connect"
	disconnect = "$disconnect"
	invoke     = "Invoke"
	start      = "Start"
	deliver    = "Deliver"
)

// The operations that ApplyLate, Partial and Lost can befall.
var (
	writes = []string{
		"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems",
		"SendMessage", "SendMessageBatch", "DeleteMessage", "DeleteMessageBatch",
		"ChangeMessageVisibility", "ChangeMessageVisibilityBatch",
	}
	batches = []string{
		"BatchWriteItem", "BatchGetItem",
		"SendMessageBatch", "DeleteMessageBatch", "ChangeMessageVisibilityBatch",
	}
	posts = []string{"PostToConnection"}
)

func placeOf(p Point) place {
	switch p.Service {
	case "lambda":
		if p.Operation == start {
			return starts
		}
		return invocations
	case "execute-api":
		switch p.Operation {
		case connect:
			return connects
		case disconnect:
			return disconnects
		}
		return commands
	case "sqs":
		if p.Operation == deliver {
			return deliveries
		}
	}
	return calls
}

// places are where the rule's fault can happen: the effect that is possible at
// the fewest places decides.
func (r Rule) places() []place {
	switch {
	case r.Kill != Never || r.Freeze > 0:
		return []place{invocations}
	case r.Clock != 0 || r.ClockWithin > 0:
		return []place{starts}
	case r.Duplicate || r.Late > 0 || r.Undeleted:
		return []place{deliveries}
	case r.EarlyDisconnect:
		return []place{connects}
	case r.LostDisconnect:
		return []place{disconnects}
	case r.Gone || r.FalselyGone || r.Lost:
		return []place{commands}
	case r.ApplyLate > 0 || r.Partial:
		return []place{calls}
	case r.Reset || r.After:
		return []place{calls, commands}
	case r.Throttle || r.Status != 0:
		return []place{calls, commands, invocations}
	}
	return []place{calls, commands, invocations, disconnects} // Latency alone
}

// operations are the only ones at those places that the rule's fault can
// befall, nil for any.
func (r Rule) operations() []string {
	switch {
	case r.Lost:
		return posts
	case r.Partial:
		return batches
	case r.ApplyLate > 0:
		return writes
	}
	return nil
}

// services are the names that a place can have in a Point's Service.
var services = map[place][]string{
	calls:       {"dynamodb", "sqs", "secretsmanager", "ssm", "jwks"},
	commands:    {"execute-api"},
	connects:    {"execute-api"},
	disconnects: {"execute-api"},
	invocations: {"lambda"},
	starts:      {"lambda"},
	deliveries:  {"sqs"},
}

// operations are those of a place that has operations of its own.
var operations = map[place]string{
	connects: connect, disconnects: disconnect, invocations: invoke, starts: start, deliveries: deliver,
}

// kinds are the faults of the rule that never happen to one call together, by
// the names of their fields.
func (r Rule) kinds() []string {
	var kinds []string
	for _, kind := range []struct {
		name string
		set  bool
	}{
		{"Throttle, Status, Reset or Gone", r.Throttle || r.Status != 0 || r.Reset || r.Gone || r.FalselyGone},
		{"Lost", r.Lost},
		{"Partial", r.Partial},
		{"EarlyDisconnect", r.EarlyDisconnect},
		{"LostDisconnect", r.LostDisconnect},
		{"Kill", r.Kill != Never},
		{"Freeze", r.Freeze > 0},
		{"Clock or ClockWithin", r.Clock != 0 || r.ClockWithin > 0},
		{"Duplicate, Late or Undeleted", r.Duplicate || r.Late > 0 || r.Undeleted},
	} {
		if kind.set {
			kinds = append(kinds, kind.name)
		}
	}
	return kinds
}

// checkPlace refuses faults that do not happen at one place, and patterns that
// leave out every place where the fault can happen.
func (r Rule) checkPlace() error {
	kinds, where := r.kinds(), r.places()
	switch {
	case len(kinds) == 0 && r.Latency == 0:
		return wrong("fault", "it says nothing that goes wrong: give Throttle, Status, Latency or another")
	case len(kinds) > 1:
		return wrong(strings.Trim(strings.Fields(kinds[1])[0], ","), "it does not happen in one call with %s: make it a rule of its own", kinds[0])
	case r.Latency > 0 && (r.LostDisconnect || slices.Contains(where, starts) || slices.Contains(where, deliveries)):
		return wrong("Latency", "it does not happen to %s: make it a rule of its own", kinds[0])
	}
	if names := r.services(); !slices.ContainsFunc(names, func(name string) bool { return glob(r.Service, name) }) {
		return wrong("Service", "this fault never happens to %q: choose one of %s, or leave it out", r.Service, strings.Join(names, ", "))
	}
	if only := r.operations(); only != nil && !slices.ContainsFunc(only, r.canMean) {
		return wrong("Operation", "this fault never happens to %q: choose one of %s, or leave it out", r.Operation, strings.Join(only, ", "))
	}
	if !slices.ContainsFunc(where, func(p place) bool { return r.serviceCanBe(p) && r.operationCanBe(p) }) {
		return wrong("Operation", "this fault never happens to %q: leave it out", r.Operation)
	}
	return nil
}

func (r Rule) serviceCanBe(p place) bool {
	return slices.ContainsFunc(services[p], func(name string) bool { return glob(r.Service, name) })
}

// services are those that the rule's fault can befall.
func (r Rule) services() []string {
	var names []string
	for _, operation := range r.operations() {
		names = append(names, serviceOf(operation))
	}
	if names == nil {
		for _, p := range r.places() {
			names = append(names, services[p]...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// serviceOf is the service of one of the writes, batches and posts.
func serviceOf(operation string) string {
	switch {
	case strings.Contains(operation, "Item"):
		return "dynamodb"
	case slices.Contains(posts, operation):
		return "execute-api"
	}
	return "sqs"
}

// canMean says whether one of the writes, batches and posts can be meant.
func (r Rule) canMean(operation string) bool {
	return glob(r.Operation, operation) && glob(r.Service, serviceOf(operation))
}

func (r Rule) operationCanBe(p place) bool {
	if only := operations[p]; only != "" {
		return glob(r.Operation, only)
	}
	// The other places have operations of AWS's, and none of these.
	for _, other := range operations {
		if r.Operation == other {
			return false
		}
	}
	return true
}
