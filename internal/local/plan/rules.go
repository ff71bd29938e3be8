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

// Rule is an EventBridge rule that calls functions on a schedule.
type Rule struct {
	*Resource
	Name    string
	Period  time.Duration
	Enabled bool
	given   []ruleTarget
	Targets []ScheduledCall
}

// ScheduledCall is a function that a rule calls, and its input.
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
		return nil, fmt.Errorf("invalid EventBusName %q: only the default event bus has schedules; remove EventBusName", bus)
	}
	if e.Period, err = parseSchedule(properties.ScheduleExpression); err != nil {
		return nil, err
	}
	p.Rules = append(p.Rules, e)
	return ignored, nil
}

var rateExpression = regexp.MustCompile(`^rate\(([1-9][0-9]{0,5}) (minute|hour|day)(s?)\)$`)

// units are the units of a rate, in the singular.
var units = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// parseSchedule returns the period of a schedule expression.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
func parseSchedule(expression string) (time.Duration, error) {
	if strings.HasPrefix(expression, "cron(") {
		return 0, fmt.Errorf("invalid ScheduleExpression %q: cron does not run locally; use rate(…) in a local run, for example by a context value", expression)
	}
	parts := rateExpression.FindStringSubmatch(expression)
	if parts == nil {
		return 0, fmt.Errorf("invalid ScheduleExpression %q: expected rate(1 minute) or rate(5 minutes), in minutes, hours or days", expression)
	}
	n, _ := strconv.Atoi(parts[1]) // at most six digits
	if plural := parts[3] == "s"; plural != (n > 1) {
		return 0, fmt.Errorf("invalid ScheduleExpression %q: expected a singular unit after 1, and a plural unit after more", expression)
	}
	return time.Duration(n) * units[parts[2]], nil
}

// link finds the functions that the rule calls. Other targets are not emulated. A
// target is refused if its function would get another event than on AWS.
func (e *Rule) link(p *Plan) error {
	var refused []error
	for _, t := range e.given {
		f := p.functionByName(t.Arn)
		switch {
		case f == nil:
			p.ignored = append(p.ignored, fmt.Sprintf("not emulated: the target %s of %s, which is not a function of the app", t.Id, e))
			continue
		case t.InputPath != "" || t.InputTransformer != nil:
			refused = append(refused, fmt.Errorf("%s: InputPath and InputTransformer of the target %s do not run locally, so the function would get another event than on AWS: use Input, or read the event in the function", e, t.Id))
		case t.Input != "" && !json.Valid([]byte(t.Input)):
			refused = append(refused, fmt.Errorf("%s: invalid Input of the target %s: expected JSON", e, t.Id))
		}
		e.Targets = append(e.Targets, ScheduledCall{f, t.Input})
	}
	return errors.Join(refused...)
}

// ARN returns the ARN of the rule.
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
