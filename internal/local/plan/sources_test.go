package plan

import (
	"slices"
	"strings"
	"testing"
)

// Two event sources, each with a queue, a function and a limit of its own:
// nothing about them is skipped.
func TestEventSourcesOfTwoFunctions(t *testing.T) {
	t.Parallel()
	side := func(name, limit string) string {
		return strings.NewReplacer("$", name, "LIMIT", limit).Replace(`
			"Q$": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": true, "DeduplicationScope": "messageGroup",
				"FifoThroughputLimit": "perMessageGroupId", "MessageRetentionPeriod": 60, "VisibilityTimeout": 10}},
			"F$": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "h", "Code": {"S3Key": "code.zip"}, "Runtime": "provided.al2023", "Timeout": 10}},
			"M$": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F$"},
				"EventSourceArn": {"Fn::GetAtt": ["Q$", "Arn"]}, "BatchSize": 10, "ScalingConfig": {"MaximumConcurrency": LIMIT}}}`)
	}
	p := mustPlan(t, `{`+side("A", "5")+`,`+side("B", "2")+`}`)
	var got []string
	for _, s := range p.Sources {
		got = append(got, s.Queue.Label+" to "+s.Function.Label)
		if want := map[string]int{"FA": 5, "FB": 2}[s.Function.Label]; s.Concurrency() != want {
			t.Errorf("%s runs %d times at once, want %d", s.Function.Label, s.Concurrency(), want)
		}
	}
	slices.Sort(got)
	if want := []string{"QA to FA", "QB to FB"}; !slices.Equal(got, want) {
		t.Errorf("the event sources are %q, want %q", got, want)
	}
	if len(p.ignored) > 0 {
		t.Error(strings.Join(p.ignored, "\n"))
	}
}
