package local

import (
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/plan"
)

func TestLocalize(t *testing.T) {
	t.Parallel()
	l := &localizer{
		apis:   map[string]string{"abcdefghij": "127.0.0.1:8080"},
		queues: "http://127.0.0.1:9000/000000000000/",
	}
	tests := []struct{ text, want string }{
		{"https://abcdefghij.execute-api.us-east-1.amazonaws.com/live", "http://127.0.0.1:8080/live"},
		{"wss://abcdefghij.execute-api.us-east-1.amazonaws.com", "ws://127.0.0.1:8080"},
		{"wss://abcdefghij.execute-api.eu-west-1.amazonaws.com/live", "ws://127.0.0.1:8080/live"},
		{`{"a":"https://abcdefghij.execute-api.us-east-1.amazonaws.com/a","b":"wss://abcdefghij.execute-api.us-east-1.amazonaws.com/b"}`,
			`{"a":"http://127.0.0.1:8080/a","b":"ws://127.0.0.1:8080/b"}`},
		{"https://sqs.us-east-1.amazonaws.com/000000000000/jobs.fifo", "http://127.0.0.1:9000/000000000000/jobs.fifo"},
		// Not of this cloud.
		{"https://zzzzzzzzzz.execute-api.us-east-1.amazonaws.com/live", "https://zzzzzzzzzz.execute-api.us-east-1.amazonaws.com/live"},
		{"https://sqs.us-east-1.amazonaws.com/123456789012/jobs", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"},
		{"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/live", "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/live"},
	}
	for _, test := range tests {
		if got := l.localize(test.text); got != test.want {
			t.Errorf("localize(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

// Whatever carries a URL of the cloud's from the template to a program leads
// here: outputs, secrets, parameters, variables of stages, inputs of rules.
func TestURLsOfTheTemplateLeadHere(t *testing.T) {
	t.Parallel()
	dir := socketApp(t, nil)
	addResources(t, dir, `{
		"Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
		"Where": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/where", "Type": "String", "Value": {"Ref": "Jobs"}}},
		"All": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "all", "SecretString": {"Fn::Sub": "{\"queue\":\"${Jobs.QueueUrl}\"}"}}}
	}`)
	c := start(t, Options{Assembly: dir})
	const aws = plan.QueueURLPrefix + "jobs"
	here := c.Endpoint() + "/000000000000/jobs"

	if value, _ := c.plan.SecretStore.ParameterValue("/where"); value != here {
		t.Errorf("the parameter is %q, want %q", value, here)
	}
	if _, answer := c.plan.SecretStore.Call("secretsmanager", "GetSecretValue", []byte(`{"SecretId":"all"}`)); !strings.Contains(string(answer), here) {
		t.Errorf("the secret is %s, want %q in it", answer, here)
	}
	if event := scheduledEvent(plan.ScheduledCall{Input: `{"to":"` + aws + `"}`}, nil, c.urls); string(event) != `{"to":"`+here+`"}` {
		t.Errorf("the event is %s", event)
	}
	stage := &plan.Stage{}
	stage.Properties.StageVariables = map[string]plan.Scalar{"queue": aws}
	if got := stageVariables(stage, c.urls)["queue"]; got != here {
		t.Errorf("the variable is %q, want %q", got, here)
	}
	if got := c.Environment()["AWS_DEFAULT_REGION"]; got != plan.Region {
		t.Errorf("AWS_DEFAULT_REGION is %q", got)
	}
}
