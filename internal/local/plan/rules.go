package plan

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Rule is a rule of EventBridge that calls functions on a schedule.
type Rule struct {
	*Resource
	Name    string
	Period  time.Duration
	Enabled bool
	given   []ruleTarget
	Targets []ScheduledCall
}

// ScheduledCall is a function that a rule calls, and what with.
type ScheduledCall struct {
	Function *Function
	Input    string // "" for the scheduled event
}

type ruleProperties struct {
	Name               string
	EventBusName       string
	EventPattern       any
	ScheduleExpression string
	State              string
	Targets            []ruleTarget
}

type ruleTarget struct {
	Id, Arn          string
	Input            string
	InputPath        string
	InputTransformer any
}

func (p *Plan) addRule(r *Resource, values map[string]any) ([]string, error) {
	properties := ruleProperties{State: "ENABLED"}
	ignored, err := decode(values, &properties)
	if err != nil {
		return nil, err
	}
	e := &Rule{Resource: r, Name: r.name(properties.Name, 64), Enabled: properties.State != "DISABLED", given: properties.Targets}
	r.refer(e.Name, e.ARN())
	if properties.EventPattern != nil {
		if properties.ScheduleExpression == "" {
			p.accepted = append(p.accepted, r)
			return nil, nil
		}
		ignored = append(ignored, "EventPattern")
	}
	if bus := properties.EventBusName; bus != "" && bus != "default" {
		return nil, fmt.Errorf("it has a schedule on the event bus %q, which only the default one can have: leave EventBusName out", bus)
	}
	if e.Period, err = parseSchedule(properties.ScheduleExpression); err != nil {
		return nil, err
	}
	p.Rules = append(p.Rules, e)
	return ignored, nil
}

var rateExpression = regexp.MustCompile(`^rate\(([1-9][0-9]{0,5}) (minute|hour|day)(s?)\)$`)

// units are those of a rate, each in the singular.
var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// parseSchedule reads a schedule expression: how often the rule fires.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func parseSchedule(expression string) (time.Duration, error) {
	if strings.HasPrefix(expression, "cron(") {
		return 0, fmt.Errorf("its schedule %s does not run locally, only rate(…) does: give it a rate in a local run, for example by a context value", expression)
	}
	parts := rateExpression.FindStringSubmatch(expression)
	if parts == nil {
		return 0, fmt.Errorf("its ScheduleExpression %q is none: write it as rate(1 minute) or rate(5 minutes), in minutes, hours or days", expression)
	}
	n, _ := strconv.Atoi(parts[1]) // up to six digits
	if plural := parts[3] == "s"; plural != (n > 1) {
		return 0, fmt.Errorf("its ScheduleExpression %q is none: the unit is singular after 1, and plural after more", expression)
	}
	return time.Duration(n) * units[parts[2]], nil
}

// link finds the functions that the rule calls. Other targets are not emulated,
// and what would call a function with another event than AWS is refused.
func (e *Rule) link(p *Plan) error {
	var refused []error
	for _, t := range e.given {
		f := p.functionByName(t.Arn)
		switch {
		case f == nil:
			p.ignored = append(p.ignored, fmt.Sprintf("not emulated: the target %s of %s, which is no function of the app", t.Id, e))
			continue
		case t.InputPath != "" || t.InputTransformer != nil:
			refused = append(refused, fmt.Errorf("%s: its target %s has an InputPath or InputTransformer, which do not run locally, and without them the function would get another event than on AWS: use Input, or read the event in the function", e, t.Id))
		case t.Input != "" && !json.Valid([]byte(t.Input)):
			refused = append(refused, fmt.Errorf("%s: the Input of its target %s is no JSON", e, t.Id))
		}
		e.Targets = append(e.Targets, ScheduledCall{f, t.Input})
	}
	return errors.Join(refused...)
}

func (e *Rule) ARN() string { return ARN("events", "rule/"+e.Name) }

// Describe says how often the rule calls which functions.
func (e *Rule) Describe() string {
	var names []string
	for _, t := range e.Targets {
		names = append(names, t.Function.Label)
	}
	when := "every " + e.Period.String()
	if !e.Enabled {
		when = "disabled"
	}
	return when + ", calls " + cmp.Or(strings.Join(names, " and "), "nothing")
}
