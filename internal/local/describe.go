package local

import (
	"fmt"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// Describe returns a line for each part that runs, the outermost first, and then a
// line for each part of the templates that is not emulated.
func (c *Cloud) Describe() []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }

	for _, s := range c.servers {
		for _, stage := range s.api.Stages {
			add("API %s: ws://%s/%s, %s", s.api.Label, s.host(), stage.Properties.StageName, count(len(s.api.Routes), "route"))
		}
	}
	for _, f := range c.plan.Functions {
		by := ""
		if f.RunsNode() {
			by = ", " + f.Runtime + " on this machine's Node"
		}
		add("function %s: handler %s, %d MB, %v%s", f.Label, f.Handler, f.Memory, f.Timeout, by)
	}
	for _, t := range c.plan.Tables {
		add("table %s: %s", t.Label, t.Name)
	}
	for _, q := range c.plan.Queues {
		add("queue %s: %s%s", q.Label, q.Name, c.plan.Consumers(q))
	}
	for _, e := range c.plan.Rules {
		add("schedule %s: %s", e.Label, e.Describe())
	}
	for _, s := range c.plan.Secrets {
		add("secret %s: %s", s.Label, s.Name)
	}
	for _, s := range c.plan.SSMParameters {
		add("parameter %s: %s", s.Label, s.Name)
	}
	for _, e := range c.engines {
		add("%s: %s at %s", serviceNames[e.Kind()], e.Name(), e.Endpoint())
	}
	lines = append(lines, c.plan.Notes()...)
	if c.options.DisableIAM {
		return append(lines, "IAM is off: every call is allowed, even calls that AWS would deny")
	}
	return append(lines, c.plan.PolicyNotes()...)
}

var serviceNames = map[engines.Kind]string{
	engines.DynamoDB: "DynamoDB",
	engines.SQS:      "SQS",
}

// count formats a number of things: "1 route", "2 routes".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
