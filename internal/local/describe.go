package local

import (
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/local/functions"
)

// Describe returns one line for each thing that runs, the outermost first, and
// then one for each thing that the templates ask for and that does not.
func (c *Cloud) Describe() []string {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }

	for _, s := range c.servers {
		for _, stage := range s.api.stages {
			add("API %s: ws://%s/%s, %s", s.api.label, s.host(), stage.properties.StageName, count(len(s.api.routes), "route"))
		}
	}
	for _, f := range c.plan.functions {
		by := ""
		if functions.IsNode(f.runtime) {
			by = ", " + f.runtime + " by this machine's Node"
		}
		add("function %s: handler %s, %d MB, %v%s", f.label, f.handler, f.memory, f.timeout, by)
	}
	for _, t := range c.plan.tables {
		add("table %s: %s", t.label, t.name)
	}
	for _, q := range c.plan.queues {
		add("queue %s: %s%s", q.label, q.name, c.plan.consumers(q))
	}
	for _, e := range c.plan.rules {
		add("schedule %s: %s", e.label, e.describe())
	}
	for _, s := range c.plan.secrets {
		add("secret %s: %s", s.label, s.name)
	}
	for _, s := range c.plan.ssmParameters {
		add("parameter %s: %s", s.label, s.name)
	}
	for _, e := range c.engines {
		add("%s: %s at %s", serviceNames[e.Kind()], e.Name(), e.Endpoint())
	}
	lines = append(lines, c.plan.notes()...)
	if c.options.DisableIAM {
		return append(lines, "IAM is off: every call is allowed, whoever makes it, and would perhaps not be on AWS")
	}
	return append(lines, c.plan.lawNotes()...)
}

var serviceNames = map[engines.Kind]string{
	engines.DynamoDB: "DynamoDB",
	engines.SQS:      "SQS",
}

// consumers names the functions that a queue feeds.
func (p *plan) consumers(q *queue) string {
	var names []string
	for _, s := range p.sources {
		if s.queue == q && bool(s.properties.Enabled) {
			names = append(names, s.function.label)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ", feeds function " + strings.Join(names, " and ")
}

// notes returns a line for each thing that the templates ask for and that a
// local run does not do. Accepted resources share a line with their like: a
// stack has a log group for each of its functions.
func (p *plan) notes() []string {
	var kinds []string
	labels := map[string][]string{}
	for _, r := range p.accepted {
		kind := r.kind
		switch {
		case kind == "AWS::CDK::Metadata" || kind == crossRegionWriter || kind == crossRegionReader:
			continue // CDK's own; nobody asked for it
		case strings.HasPrefix(kind, network):
			kind = network + "*" // a VPC is many resources
		}
		if labels[kind] == nil {
			kinds = append(kinds, kind)
		}
		labels[kind] = append(labels[kind], r.label)
	}
	var notes []string
	for _, kind := range kinds {
		notes = append(notes, fmt.Sprintf("not emulated: %s (%s)", kind, some(labels[kind])))
	}
	notes = append(notes, p.ignored...)
	return notes
}

// some joins names, of many only the first.
func some(names []string) string {
	const most = 3
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// count writes a number of things: "1 route", "2 routes".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
