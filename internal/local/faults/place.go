package faults

import (
	"slices"
	"strings"
)

// place is a kind of Point: which faults can happen depends on it.
type place int

const (
	calls       place = iota // of DynamoDB, SQS and what else has an AWS endpoint
	commands                 // of the @connections API
	disconnects              // API Gateway's $disconnect
	invocations              // of a function
	deliveries               // of a queue's message to a function
)

// The operations that are no calls of a client.
const (
	disconnect = "$disconnect"
	invoke     = "Invoke"
	deliver    = "Deliver"
)

func placeOf(p Point) place {
	switch p.Service {
	case "lambda":
		return invocations
	case "execute-api":
		if p.Operation == disconnect {
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
	case r.Kill != Never:
		return []place{invocations}
	case r.Duplicate || r.Late > 0:
		return []place{deliveries}
	case r.LostDisconnect:
		return []place{disconnects}
	case r.Gone || r.FalselyGone:
		return []place{commands}
	case r.Reset || r.After:
		return []place{calls, commands}
	case r.Throttle || r.Status != 0:
		return []place{calls, commands, invocations}
	}
	return []place{calls, commands, invocations, disconnects} // Latency alone
}

// services are the names that a place can have in a Point's Service.
var services = map[place][]string{
	calls:       {"dynamodb", "sqs", "secretsmanager", "ssm"},
	commands:    {"execute-api"},
	disconnects: {"execute-api"},
	invocations: {"lambda"},
	deliveries:  {"sqs"},
}

// operations are those of a place that has operations of its own.
var operations = map[place]string{disconnects: disconnect, invocations: invoke, deliveries: deliver}

// checkPlace refuses faults that do not happen at one place, and patterns that
// leave out every place where the fault can happen.
func (r Rule) checkPlace() error {
	var kinds []string
	for _, kind := range []struct {
		name string
		set  bool
	}{
		{"Throttle, Status, Reset or Gone", r.Throttle || r.Status != 0 || r.Reset || r.Gone || r.FalselyGone},
		{"LostDisconnect", r.LostDisconnect},
		{"Kill", r.Kill != Never},
		{"Duplicate or Late", r.Duplicate || r.Late > 0},
	} {
		if kind.set {
			kinds = append(kinds, kind.name)
		}
	}
	switch {
	case len(kinds) == 0 && r.Latency == 0:
		return wrong("fault", "it says nothing that goes wrong: give Throttle, Status, Latency or another")
	case len(kinds) > 1:
		return wrong(strings.Fields(kinds[1])[0], "it does not happen in one call with %s: make it a rule of its own", kinds[0])
	case r.Latency > 0 && (r.LostDisconnect || r.Duplicate || r.Late > 0):
		return wrong("Latency", "it does not happen to %s: make it a rule of its own", kinds[0])
	}
	where := r.places()
	if !slices.ContainsFunc(where, r.serviceCanBe) {
		var names []string
		for _, p := range where {
			names = append(names, services[p]...)
		}
		return wrong("Service", "this fault never happens to %q: choose one of %s, or leave it out", r.Service, strings.Join(names, ", "))
	}
	if !slices.ContainsFunc(where, func(p place) bool { return r.serviceCanBe(p) && r.operationCanBe(p) }) {
		return wrong("Operation", "this fault never happens to %q: leave it out", r.Operation)
	}
	return nil
}

func (r Rule) serviceCanBe(p place) bool {
	return slices.ContainsFunc(services[p], func(name string) bool { return glob(r.Service, name) })
}

func (r Rule) operationCanBe(p place) bool {
	if only := operations[p]; only != "" {
		return glob(r.Operation, only)
	}
	// The other places have operations of AWS's, and none of these.
	return r.Operation != disconnect && r.Operation != invoke && r.Operation != deliver
}
