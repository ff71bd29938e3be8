package roomcasttest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInjectRefusesAMisspeltResource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.json"}}}}`,
		"S.json": `{"Resources":{"Jobs":{"Type":"AWS::SQS::Queue"},"Items":{"Type":"AWS::DynamoDB::Table","Properties":{
			"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"BillingMode":"PAY_PER_REQUEST"}}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := Run(t, dir)
	for _, test := range []struct{ service, resource, want string }{
		{"dynamodb", "Itmes", `there is no table "Itmes" in the stack, only Items`},
		{"sqs", "Jbos", `there is no queue "Jbos" in the stack, only Jobs`},
		{"dynamodb", "Items", ""},
		{"sqs", "Jobs", ""},
		{"sqs", "Jb*", ""},
		{"execute-api", "a-connection", ""},
		{"", "a-connection", ""},
	} {
		got := fatal(t, func(t testing.TB) {
			s.Inject(t, Fault{Service: test.service, Resource: test.resource, Status: 500})
		})
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s %s: %q, want in it %q", test.service, test.resource, got, test.want)
		}
	}
}

// doomed is a test that keeps what it dies of.
type doomed struct {
	testing.TB
	last string
}

func (d *doomed) Fatalf(format string, args ...any) {
	d.last = fmt.Sprintf(format, args...)
	panic(d)
}

// fatal is what a test dies of, "" if it does not.
func fatal(t testing.TB, test func(testing.TB)) string {
	d := &doomed{TB: t}
	func() {
		defer func() {
			if dead := recover(); dead != nil && dead != any(d) {
				panic(dead)
			}
		}()
		test(d)
	}()
	return d.last
}
