package plan

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseSchedule(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]time.Duration{
		"rate(1 minute)": time.Minute, "rate(5 minutes)": 5 * time.Minute, "rate(1 hour)": time.Hour,
		"rate(12 hours)": 12 * time.Hour, "rate(1 day)": 24 * time.Hour, "rate(7 days)": 7 * 24 * time.Hour,
	} {
		if got, err := parseSchedule(expression); err != nil || got != want {
			t.Errorf("%s is every %v, %v, want %v", expression, got, err, want)
		}
	}
	for expression, want := range map[string]string{
		"": "expected rate(1 minute)", "rate(1 minutes)": "a singular unit after 1", "rate(5 minute)": "a plural unit after more", "rate(0 minutes)": "expected rate(1 minute)",
		"rate(-1 minutes)": "expected rate(1 minute)", "rate(1 second)": "expected rate(1 minute)", "rate(1.5 hours)": "expected rate(1 minute)", "rate(1 minute) ": "expected rate(1 minute)",
		"rate(9999999 days)": "expected rate(1 minute)", "every minute": "expected rate(1 minute)", "cron(0 12 * * ? *)": "cron does not run locally",
	} {
		if got, err := parseSchedule(expression); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is every %v, %v, want an error with %q", expression, got, err, want)
		}
	}
}

const scheduledFunction = `"F": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "h", "Code": {"S3Key": "code.zip"}, "Runtime": "provided.al2023"}}`

// ruleOf returns a rule with these properties, and a function.
func ruleOf(properties string) string {
	return `{` + scheduledFunction + `, "R": {"Type": "AWS::Events::Rule", "Properties": {` + properties + `}}}`
}

func TestRefusesRules(t *testing.T) {
	t.Parallel()
	target := func(more string) string {
		return ruleOf(`"ScheduleExpression": "rate(1 minute)", "Targets": [{"Id": "T", "Arn": {"Fn::GetAtt": ["F", "Arn"]}, ` + more + `}]`)
	}
	for _, c := range []struct{ name, resources, want string }{
		{"cron", ruleOf(`"ScheduleExpression": "cron(0 12 * * ? *)"`), "R (AWS::Events::Rule): invalid ScheduleExpression \"cron(0 12 * * ? *)\": cron does not run locally"},
		{"nothing", ruleOf(`"State": "ENABLED"`), `invalid ScheduleExpression ""`},
		{"another bus", ruleOf(`"ScheduleExpression": "rate(1 minute)", "EventBusName": "orders"`), `invalid EventBusName "orders"`},
		{"a part of the event", target(`"InputPath": "$.time"`), "InputPath and InputTransformer of the target T"},
		{"a changed event", target(`"InputTransformer": {"InputTemplate": "{}"}`), "InputPath and InputTransformer of the target T do not run locally"},
		{"no JSON", target(`"Input": "{"`), "invalid Input of the target T: expected JSON"},
		{"a function that cannot run", strings.Replace(target(`"Input": "1"`), "provided.al2023", "python3.13", 1), "invalid Runtime \"python3.13\""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := tryPlan(t, c.resources); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want in it %q", err, c.want)
			}
		})
	}
}

// Parts of a rule that are not emulated are listed at start.
func TestNotesOfRules(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{`+scheduledFunction+`, "Q": {"Type": "AWS::SQS::Queue"},
		"Pattern": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.ec2"]}, "Targets": [{"Id": "T", "Arn": {"Fn::GetAtt": ["F", "Arn"]}}]}},
		"Both": {"Type": "AWS::Events::Rule", "Properties": {"Description": "d", "EventPattern": {"source": ["aws.ec2"]}, "ScheduleExpression": "rate(2 hours)",
			"Targets": [{"Id": "Queue", "Arn": {"Fn::GetAtt": ["Q", "Arn"]}}, {"Id": "Function", "Arn": {"Fn::GetAtt": ["F", "Arn"]}}]}}}`)
	want := []string{
		"not emulated: AWS::Events::Rule (Pattern)",
		"not emulated: EventPattern of Both (AWS::Events::Rule)",
		"not emulated: the target Queue of Both (AWS::Events::Rule), which is not a function of the app",
	}
	if got := p.Notes(); !slices.Equal(got, want) {
		t.Errorf("the notes are %q, want %q", got, want)
	}
	if len(p.Rules) != 1 || p.Rules[0].Describe() != "every 2h0m0s, calls F" {
		t.Errorf("the rules are %v", p.Rules)
	}
}
