package faults

import (
	"slices"
	"strings"
)

// place is a kind of Point. It determines the possible faults.
type place int

const (
	calls       place = iota // of DynamoDB, SQS and other services
	commands                 // of the @connections API
	connects                 // API Gateway's $connect
	disconnects              // API Gateway's $disconnect
	invocations              // of a function
	starts                   // of a function's process
	deliveries               // of a queue's message to a function
)

// Operations that are not calls of a client.
const (
	connect    = "$connect"
	disconnect = "$disconnect"
	invoke     = "Invoke"
	start      = "Start"
	deliver    = "Deliver"
)

// The operations that ApplyLate, Partial and Lost can affect.
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

// places returns where the rule's fault can happen. The effect that is possible at
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

// operations returns the only operations at those places that the rule's fault can
// affect, or nil for all.
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

// services returns the values that Point.Service can have at a place.
var services = map[place][]string{
	calls:       {"dynamodb", "sqs", "secretsmanager", "ssm", "jwks"},
	commands:    {"execute-api"},
	connects:    {"execute-api"},
	disconnects: {"execute-api"},
	invocations: {"lambda"},
	starts:      {"lambda"},
	deliveries:  {"sqs"},
}

// operations returns the operations of a place that has its own.
var operations = map[place]string{
	connects: connect, disconnects: disconnect, invocations: invoke, starts: start, deliveries: deliver,
}

// kinds returns the rule's faults that exclude each other, by their field names.
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
// exclude every place where the fault can happen.
func (r Rule) checkPlace() error {
	kinds, where := r.kinds(), r.places()
	switch {
	case len(kinds) == 0 && r.Latency == 0:
		return wrong("fault", "no fault: set Throttle, Status, Latency or another fault")
	case len(kinds) > 1:
		return wrong(strings.Trim(strings.Fields(kinds[1])[0], ","), "it excludes %s: use two rules", kinds[0])
	case r.Latency > 0 && (r.LostDisconnect || slices.Contains(where, starts) || slices.Contains(where, deliveries)):
		return wrong("Latency", "it does not apply to %s: use two rules", kinds[0])
	}
	if names := r.services(); !slices.ContainsFunc(names, func(name string) bool { return glob(r.Service, name) }) {
		return wrong("Service", "invalid %q for this fault: expected one of %s; change it or remove it", r.Service, strings.Join(names, ", "))
	}
	if only := r.operations(); only != nil && !slices.ContainsFunc(only, r.canMean) {
		return wrong("Operation", "invalid %q for this fault: expected one of %s; change it or remove it", r.Operation, strings.Join(only, ", "))
	}
	if !slices.ContainsFunc(where, func(p place) bool { return r.serviceCanBe(p) && r.operationCanBe(p) }) {
		return wrong("Operation", "invalid %q for this fault: remove it", r.Operation)
	}
	return nil
}

func (r Rule) serviceCanBe(p place) bool {
	return slices.ContainsFunc(services[p], func(name string) bool { return glob(r.Service, name) })
}

// services returns the services that the rule's fault can affect.
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

// serviceOf returns the service of a write, a batch or a post.
func serviceOf(operation string) string {
	switch {
	case strings.Contains(operation, "Item"):
		return "dynamodb"
	case slices.Contains(posts, operation):
		return "execute-api"
	}
	return "sqs"
}

// canMean reports whether the pattern can match a write, a batch or a post.
func (r Rule) canMean(operation string) bool {
	return glob(r.Operation, operation) && glob(r.Service, serviceOf(operation))
}

func (r Rule) operationCanBe(p place) bool {
	if only := operations[p]; only != "" {
		return glob(r.Operation, only)
	}
	// The other places have AWS's operations.
	for _, other := range operations {
		if r.Operation == other {
			return false
		}
	}
	return true
}
