package local

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// scheduledApp has functions that print their events, and rules: Every calls two of
// them, Off and Denied call one.
func scheduledApp(t *testing.T) string {
	t.Helper()
	const handler = `async (event) => { console.log("got " + JSON.stringify(event)) }`
	rule := func(more string) string {
		return `{"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 minute)", ` + more + `}}`
	}
	const toPrint = `{"Id": "Print", "Arn": {"Fn::GetAtt": ["Print", "Arn"]}}`
	may := func(function, rule string) string {
		return `{"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
			"FunctionName": {"Fn::GetAtt": ["` + function + `", "Arn"]}, "SourceArn": {"Fn::GetAtt": ["` + rule + `", "Arn"]}}}`
	}
	return assemblytest.Write(t, map[string]string{"S": `{"Resources": {
		"Print": {"Type": "AWS::Lambda::Function", "Properties": {` + assemblytest.Inline(handler) + `}},
		"Fail": {"Type": "AWS::Lambda::Function", "Properties": {` + assemblytest.Inline(`async (event) => { throw new Error("no luck with " + event.n) }`) + `}},
		"Every": ` + rule(`"Targets": [`+toPrint+`, {"Id": "Fail", "Arn": {"Fn::GetAtt": ["Fail", "Arn"]}, "Input": "{\"n\":1}"}]`) + `,
		"Off": ` + rule(`"State": "DISABLED", "Targets": [`+toPrint+`]`) + `,
		"Denied": ` + rule(`"Targets": [`+toPrint+`]`) + `,
		"MayPrint": ` + may("Print", "Every") + `, "MayFail": ` + may("Fail", "Every") + `
	}, "Outputs": {"Every": {"Value": {"Fn::GetAtt": ["Every", "Arn"]}}}}`})
}

// A rule calls its functions as EventBridge does, and the calls are metered. A rule
// without the permission calls nothing and logs that.
func TestSchedules(t *testing.T) {
	t.Parallel()
	logs := &recorder{}
	c := start(t, Options{DisableIAM: true, Assembly: scheduledApp(t), Logs: logs.add})
	arns := map[string]string{}
	for _, s := range c.Schedules() {
		arns[s.LogicalID] = s.ARN
	}
	if err := c.FireSchedule(t.Context(), c.Outputs()["Every"]); err != nil {
		t.Fatal(err)
	}
	if !logs.has("Fail: ") || !logs.has("no luck with 1") || !logs.has("Every: ") {
		t.Errorf("the failed call is not logged: %q", logs.all())
	}
	event := printed(t, logs)
	id, _ := event["id"].(string)
	when, _ := event["time"].(string)
	if at, err := time.Parse("2006-01-02T15:04:05Z", when); err != nil || at.IsZero() || !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("time %q and id %q", when, id)
	}
	delete(event, "id")
	delete(event, "time")
	got, _ := json.Marshal(event)
	if want := `{"account":"000000000000","detail":{},"detail-type":"Scheduled Event","region":"us-east-1","resources":["` + arns["Every"] + `"],"source":"aws.events","version":"0"}`; string(got) != want {
		t.Errorf("the event is %s, want %s", got, want)
	}
	if n := c.Usage().Lambda.Requests; n != 2 {
		t.Errorf("%d requests are counted, want 2", n)
	}
	if err := c.FireSchedule(t.Context(), arns["Denied"]); err != nil || !logs.has("EventBridge lacks the permission to call function Print: add an AWS::Lambda::Permission for events.amazonaws.com and "+arns["Denied"]) {
		t.Errorf("%v, and the refusal is not logged: %q", err, logs.all())
	}
	if n := c.Usage().Lambda.Requests; n != 2 {
		t.Errorf("a rule without permission has called: %d requests", n)
	}
	if err := c.FireSchedule(t.Context(), arns["Off"]); err == nil || !strings.Contains(err.Error(), "is disabled") {
		t.Errorf("the disabled rule: %v", err)
	}
	if err := c.FireSchedule(t.Context(), "arn:aws:events:other"); err == nil {
		t.Error("a rule that does not exist has fired")
	}
}

// printed is the event that a function has printed.
func printed(t *testing.T, logs *recorder) map[string]any {
	t.Helper()
	if !logs.has("got {") {
		t.Fatalf("the function was not called: %q", logs.all())
	}
	for _, line := range logs.all() {
		if _, text, ok := strings.Cut(line, "got "); ok {
			var event map[string]any
			if err := json.Unmarshal([]byte(text), &event); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			return event
		}
	}
	return nil
}

// Enabled rules get a clock; those that are off do not.
func TestOnlyEnabledRulesFire(t *testing.T) {
	t.Parallel()
	a, err := assembly.Open(scheduledApp(t))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(a)
	if err != nil {
		t.Fatal(err)
	}
	c := &Cloud{plan: p}
	c.startSchedules()
	if len(c.sources) != 2 {
		t.Errorf("%d rules fire, want 2", len(c.sources))
	}
	for _, s := range c.sources {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A clock does not wait for the calls that it started, but closing it does.
func TestClock(t *testing.T) {
	t.Parallel()
	calls, ended := make(chan struct{}), &atomic.Int32{}
	k := startClock(time.Millisecond, func(ctx context.Context) {
		select {
		case calls <- struct{}{}:
		case <-ctx.Done():
		}
		<-ctx.Done()
		ended.Add(1)
	})
	for range 3 {
		<-calls
	}
	if ended.Load() != 0 {
		t.Error("a call has ended before the clock")
	}
	if err := k.Close(); err != nil || ended.Load() < 3 {
		t.Errorf("%v, and %d calls have ended", err, ended.Load())
	}
}
