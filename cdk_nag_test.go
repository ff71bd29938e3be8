package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// TestNag checks the stack against cdk-nag's AwsSolutions rules. Findings are
// annotations, which do not stop synthesis, so the test reads the report. A
// rule that a resource breaks has to be exempted next to the resource.
func TestNag(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			report, errors := nag(t, mode.context, nil)
			if errors != 0 {
				t.Errorf("the stack has %d errors", errors)
			}
			if len(report) < 80 {
				t.Fatalf("cdk-nag judged %d rules and resources, want the whole stack", len(report))
			}
			exempted := map[string]bool{}
			for _, row := range report {
				switch rule, resource, compliance, reason := row[0], row[1], row[2], row[3]; compliance {
				case "Compliant":
				case "Suppressed":
					exempted[rule] = true
					if len(reason) < 40 {
						t.Errorf("%s is exempted from %s with no reason but %q", resource, rule, reason)
					}
				default:
					t.Errorf("%s breaks %s (%s): %s", resource, rule, compliance, row[5])
				}
			}
			for _, rule := range mode.exempted {
				if !exempted[rule] {
					t.Errorf("nothing is exempted from %s any more: take it from the list", rule)
				}
				delete(exempted, rule)
			}
			for rule := range exempted {
				t.Errorf("something is exempted from %s, which is not in the list", rule)
			}
		})
	}
}

// modes has the two kinds of authentication, and the cdk-nag rules from which
// some resource is exempt.
var modes = []struct {
	name     string
	context  map[string]any
	exempted []string
}{
	{"with tokens", nil, []string{"AwsSolutions-APIG1", "AwsSolutions-APIG4", "AwsSolutions-IAM5", "AwsSolutions-SMG4", "AwsSolutions-SQS3"}},
	{"open", open, []string{"AwsSolutions-APIG1", "AwsSolutions-APIG4", "AwsSolutions-IAM5", "AwsSolutions-SQS3"}},
}

// TestNagFails checks a queue that breaks rules of cdk-nag.
func TestNagFails(t *testing.T) {
	report, errors := nag(t, nil, func(stack awscdk.Stack) { awssqs.NewQueue(stack, jsii.String("Plain"), nil) })
	broken := 0
	for _, row := range report {
		if row[2] == "Non-Compliant" && row[1] == "RealtimeStack/Plain/Resource" {
			broken++
		}
	}
	if broken == 0 || errors == 0 {
		t.Errorf("a queue that takes plain HTTP breaks %d rules, and there are %d errors", broken, errors)
	}
}

// nag returns the rows of cdk-nag's report on the stack, after a change to it
// if there is one, and how many errors the stack has.
func nag(t *testing.T, values map[string]any, change func(awscdk.Stack)) (report [][]string, errors int) {
	t.Helper()
	dir := t.TempDir()
	app := newApp(context(t, values), dir)
	stack := app.Node().FindChild(jsii.String("RealtimeStack")).(awscdk.Stack)
	if change != nil {
		change(stack)
	}
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
	app.Synth(nil)
	errors = len(*assertions.Annotations_FromStack(stack).FindError(jsii.String("*"), assertions.Match_AnyValue()))

	written, err := filepath.Glob(filepath.Join(dir, "AwsSolutions-*-NagReport.csv"))
	if err != nil || len(written) != 1 {
		t.Fatalf("cdk-nag wrote the reports %v, want one (%v)", written, err)
	}
	file, err := os.Open(written[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	report, err = csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(report) == 0 || strings.Join(report[0], ",") != "Rule ID,Resource ID,Compliance,Exception Reason,Rule Level,Rule Info" {
		t.Fatalf("the report begins with %v", report)
	}
	return report[1:], errors
}
