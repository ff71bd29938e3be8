package roomcasttest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A rule is fired under any of its names, and the function that it calls has
// the environment that the test gives it.
func TestFireSchedule(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"manifest.json": `{"artifacts":{"S":{"type":"aws:cloudformation:stack","properties":{"templateFile":"S.json"}}}}`,
		"S.json": `{"Resources":{
			"Tick":{"Type":"AWS::Lambda::Function","Properties":{"Runtime":"nodejs22.x","Handler":"index.handler","Environment":{"Variables":{"LIMIT":"10"}},
				"Code":{"ZipFile":"exports.handler = async (event) => console.log(event['detail-type'], process.env.LIMIT, process.env.OTHER)"}}},
			"Minutes":{"Type":"AWS::Events::Rule","Properties":{"Name":"every-minute","ScheduleExpression":"rate(1 minute)","Targets":[{"Id":"T","Arn":{"Fn::GetAtt":["Tick","Arn"]}}]}},
			"May":{"Type":"AWS::Lambda::Permission","Properties":{"Action":"lambda:InvokeFunction","FunctionName":{"Ref":"Tick"},"Principal":"events.amazonaws.com"}}},
			"Outputs":{"ExpiryRule":{"Value":{"Fn::GetAtt":["Minutes","Arn"]}},"RuleName":{"Value":{"Ref":"Minutes"}}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	s := Run(t, dir, WithoutIAM(), WithEnvironment("LIMIT", "2"), WithEnvironment("OTHER", "3"))
	names := []string{"Minutes", "every-minute", "ExpiryRule", "RuleName"}
	for _, name := range names {
		s.FireSchedule(t, name)
	}
	if n := s.Usage().Lambda.Requests; int(n) != len(names) {
		t.Errorf("%d requests are counted, want %d", n, len(names))
	}
	Eventually(t, "the function is called with its environment", func() bool {
		return slices.ContainsFunc(s.LogsOf("Tick"), func(line string) bool { return strings.HasSuffix(line, "Scheduled Event 2 undefined") })
	})
	if got := fatal(t, func(t testing.TB) { s.FireSchedule(t, "Hours") }); !strings.Contains(got, `there is no rule "Hours" with a schedule in the stack, only Minutes`) {
		t.Errorf("the test dies of %q", got)
	}
}
