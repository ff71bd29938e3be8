package plan

import (
	"reflect"
	"testing"
)

func TestEnvironmentIsMovedHere(t *testing.T) {
	t.Parallel()
	e := environment{account: "123456789012", region: "eu-west-1"}
	tests := []struct{ text, want string }{
		{"arn:aws:execute-api:eu-west-1:123456789012:abc/*$connect", "arn:aws:execute-api:us-east-1:000000000000:abc/*$connect"},
		{"arn:aws:iam::123456789012:role/in-eu-west-1", "arn:aws:iam::000000000000:role/in-eu-west-1"},
		{"arn:aws:execute-api:eu-west-1:*:*", "arn:aws:execute-api:us-east-1:*:*"},
		{"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f/invocations",
			"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"},
		{`{"Resource":"arn:aws:sqs:eu-west-1:123456789012:q"}`, `{"Resource":"arn:aws:sqs:us-east-1:000000000000:q"}`},
		{"https://sqs.eu-west-1.amazonaws.com/123456789012/q", QueueURLPrefix + "q"},
		{"123456789012", Account},
		{"eu-west-1", Region},
		// Not the stack's own, or no place.
		{"arn:aws:sqs:us-west-2:999999999999:q", "arn:aws:sqs:us-west-2:999999999999:q"},
		{"arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/AdministratorAccess"},
		{"table-123456789012-eu-west-1", "table-123456789012-eu-west-1"},
		{"", ""},
	}
	for _, test := range tests {
		got := e.localize(map[string]any{"a": []any{test.text, true}})
		if want := map[string]any{"a": []any{test.want, true}}; !reflect.DeepEqual(got, want) {
			t.Errorf("%q becomes %v, want %v", test.text, got, want)
		}
	}
	if got := (environment{region: "eu-west-1"}).localize("arn:aws:sqs:eu-west-1:123456789012:q"); got != "arn:aws:sqs:us-east-1:123456789012:q" {
		t.Errorf("with a region alone the ARN becomes %v", got)
	}
}
