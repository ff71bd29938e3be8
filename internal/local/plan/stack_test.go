package plan

import (
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/template"
)

func TestLabel(t *testing.T) {
	t.Parallel()
	s := &assembly.Stack{Name: "Prod-Chat", DisplayName: "Prod/Chat"}
	tests := []struct{ kind, path, want string }{
		{"AWS::Lambda::Function", "Prod/Chat/Api/Send/Function/Resource", "Api/Send"},
		{"AWS::Lambda::Function", "Prod/Chat/Worker/Resource", "Worker"},
		{"AWS::Lambda::Function", "Prod/Chat/Function/Resource", "Function"},
		{"AWS::DynamoDB::GlobalTable", "Prod/Chat/Items/Table/Resource", "Items"},
		{"AWS::SQS::Queue", "Prod/Chat/Jobs/DLQ/Queue/Resource", "Jobs/DLQ"},
		{"AWS::SQS::Queue", "Prod/Chat/Raw", "Raw"},
		{"AWS::SQS::Queue", "Resource", "Id"},
		{"AWS::SQS::Queue", "", "Id"},
		{"Odd", "Prod/Chat/Odd", "Odd"},
	}
	for _, test := range tests {
		r := &template.Resource{LogicalID: "Id", Type: test.kind, Metadata: map[string]any{"aws:cdk:path": test.path}}
		if got := label(s, r); got != test.want {
			t.Errorf("label of %s %q is %q, want %q", test.kind, test.path, got, test.want)
		}
	}
}

func TestSome(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d", "e"}
	for n, want := range map[int]string{1: "a", 4: "a, b, c, d", 5: "a, b, c and 2 more"} {
		if got := some(names[:n]); got != want {
			t.Errorf("some of %d is %q, want %q", n, got, want)
		}
	}
}
