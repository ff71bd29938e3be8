package faults

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := Parse([]byte(`{
		"seed": 42,
		"rules": [
			{"name": "hot key", "match": {"service": "dynamodb", "operation": "*Item", "function": "Chat/Send", "resource": "*Messages*"},
			 "when": {"share": 0.25, "from": "1s", "until": "1m", "limit": 3},
			 "fault": {"throttle": true, "code": "ThrottlingException", "message": "slow down", "after": true, "latency": "250ms"}},
			{"when": {"nth": 2}, "fault": {"status": 503}},
			{"when": {"every": 2}, "fault": {"reset": true}},
			{"when": {"first": 2}, "fault": {"gone": true}},
			{"fault": {"falselyGone": true}},
			{"fault": {"lostDisconnect": true}},
			{"fault": {"kill": "during"}},
			{"fault": {"duplicate": true, "late": "2s"}},
			{"fault": {"reset": true, "applyLate": "6s"}},
			{"fault": {"partial": true}},
			{"fault": {"lost": true, "latency": "1s"}},
			{"fault": {"earlyDisconnect": true}},
			{"fault": {"freeze": "1m", "after": true}},
			{"fault": {"clock": "-3s"}},
			{"fault": {"clockWithin": "5s"}},
			{"fault": {"undeleted": true}}
		]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Script{Seed: 42, Rules: []Rule{
		{
			Name: "hot key", Service: "dynamodb", Operation: "*Item", Function: "Chat/Send", Resource: "*Messages*",
			Share: 0.25, From: time.Second, Until: time.Minute, Limit: 3,
			Throttle: true, Code: "ThrottlingException", Message: "slow down", After: true, Latency: 250 * time.Millisecond,
		},
		{Nth: 2, Status: 503},
		{Every: 2, Reset: true},
		{First: 2, Gone: true},
		{FalselyGone: true},
		{LostDisconnect: true},
		{Kill: During},
		{Duplicate: true, Late: 2 * time.Second},
		{Reset: true, ApplyLate: 6 * time.Second},
		{Partial: true},
		{Lost: true, Latency: time.Second},
		{EarlyDisconnect: true},
		{Freeze: time.Minute, After: true},
		{Clock: -3 * time.Second},
		{ClockWithin: 5 * time.Second},
		{Undeleted: true},
	}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if empty, err := Parse([]byte(`{}`)); err != nil || empty.Seed != 1 {
		t.Errorf("an empty script is %+v, %v", empty, err)
	}
}

// Every error names the rule and the field, as they stand in the file.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	rule := func(text string) string { return `{"rules": [{"name": "bad", ` + text + `}]}` }
	fault := func(text string) string { return rule(`"fault": {` + text + `}`) }
	when := func(text string) string { return rule(`"fault": {"reset": true}, "when": {` + text + `}`) }
	match := func(text, fault string) string {
		return rule(`"match": {` + text + `}, "fault": {` + fault + `}`)
	}
	for _, c := range []struct{ name, text, want string }{
		{"nothing", ``, `unexpected end of the JSON`},
		{"a list", `[]`, `invalid array: expected an object`},
		{"half of it", `{"rules": [`, `unexpected end of the JSON`},
		{"no JSON", "{\n\n'rules'", `invalid JSON in line 3`},
		{"two scripts", `{} {}`, `unexpected text after the JSON`},
		{"unknown at the top", `{"rule": []}`, `unknown field "rule"`},
		{"a seed of another kind", `{"seed": -1}`, `seed: invalid number -1: expected a whole number from 0`},
		{"rules of another kind", `{"rules": {}}`, `rules: invalid object: expected a list`},
		{"a rule of another kind", `{"rules": [{"fault": {"reset": true}}, 5]}`, `rule 2: invalid number: expected an object`},
		{"unknown in a rule", rule(`"fautl": {}`), `rule 1 (bad): unknown field "fautl"`},
		{"unknown in match", match(`"table": "x"`, `"reset": true`), `rule 1 (bad): match: unknown field "table"`},
		{"unknown in when", when(`"shar": 1`), `rule 1 (bad): when: unknown field "shar"`},
		{"unknown in fault", fault(`"thortle": true`), `rule 1 (bad): fault: unknown field "thortle"`},
		{"a number for a time", fault(`"latency": 5`), `rule 1 (bad): fault: latency: invalid number: expected a time such as "250ms"`},
		{"a time without unit", fault(`"latency": "5"`), `rule 1 (bad): fault.latency: invalid time "5"`},
		{"a negative time", fault(`"latency": "-5s"`), `rule 1 (bad): fault.latency: -5s is negative`},
		{"late before", fault(`"late": "-5s"`), `rule 1 (bad): fault.late: -5s is negative`},
		{"a text for a truth", fault(`"reset": "yes"`), `fault: reset: invalid string: expected true or false`},
		{"a broken number", fault(`"status": 5.5`), `fault: status: invalid number 5.5: expected a whole number`},

		{"no fault", rule(`"when": {"nth": 1}`), `rule 1 (bad): fault: no fault: set Throttle`},
		{"no error", fault(`"status": 200`), `rule 1 (bad): fault.status: invalid status 200: expected 400 to 599`},
		{"two errors", fault(`"status": 500, "throttle": true`), `fault.status: it excludes Throttle`},
		{"cut and answered", fault(`"status": 500, "reset": true`), `fault.reset: a cut connection has no answer`},
		{"a code of nothing", fault(`"code": "X", "reset": true`), `fault.code: there is no error`},
		{"after nothing", fault(`"after": true, "latency": "1s"`), `fault.after: it needs something that happens after the call`},
		{"gone both ways", fault(`"gone": true, "falselyGone": true`), `fault.falselyGone: it excludes Gone`},
		{"gone with another status", fault(`"gone": true, "status": 500`), `fault.gone: it answers 410`},
		{"an unknown moment", fault(`"kill": "soon"`), `fault.kill: invalid moment "soon": expected before, during or after`},
		{"two places", fault(`"kill": "during", "duplicate": true`), `fault.duplicate: it excludes Kill`},
		{"late without an answer", fault(`"applyLate": "1s"`), `fault.applyLate: it needs an answer before the call`},
		{"late and before", fault(`"applyLate": "1s", "status": 500, "after": true`), `fault.applyLate: it excludes After`},
		{"late before the call", fault(`"applyLate": "-1s", "status": 500`), `fault.applyLate: -1s is negative`},
		{"a negative freeze", fault(`"freeze": "-1s"`), `fault.freeze: -1s is negative`},
		{"a freeze that kills", fault(`"freeze": "1s", "kill": "during"`), `fault.freeze: it excludes Kill`},
		{"two clocks", fault(`"clock": "1s", "clockWithin": "1s"`), `fault.clockWithin: it excludes Clock`},
		{"a clock of another day", fault(`"clock": "-25h"`), `fault.clock: invalid clock error: expected at most 24h0m0s`},
		{"a clock within nothing", fault(`"clockWithin": "-1s"`), `fault.clockWithin: -1s is negative`},
		{"a slow clock that is late", fault(`"clock": "1s", "latency": "1s"`), `fault.latency: it does not apply to Clock or ClockWithin`},
		{"lost and gone", fault(`"lost": true, "gone": true`), `fault.lost: it excludes Throttle, Status, Reset or Gone`},
		{"latency of a delivery", fault(`"latency": "1s", "duplicate": true`), `fault.latency: it does not apply to Duplicate, Late or Undeleted`},

		{"a share over 1", when(`"share": 1.5`), `rule 1 (bad): when.share: invalid probability 1.5`},
		{"two selections", when(`"share": 0.5, "every": 2`), `when.every: it excludes Share: remove one of them`},
		{"a negative count", when(`"nth": -1`), `when.nth: invalid count -1: expected at least 1`},
		{"a negative limit", when(`"limit": -1`), `when.limit: invalid count -1: expected at least 1`},
		{"a window that never opens", when(`"from": "2s", "until": "1s"`), `when.until: invalid time 1s: expected a time after 2s`},
		{"a window before the start", when(`"from": "-1s"`), `when.from: invalid time -1s: expected 0 or more`},

		{"an unknown service", match(`"service": "dynamo"`, `"throttle": true`), `match.service: invalid "dynamo" for this fault: expected one of dynamodb, execute-api, jwks, lambda, secretsmanager, sqs, ssm`},
		{"a killed table", match(`"service": "dynamodb"`, `"kill": "before"`), `match.service: invalid "dynamodb" for this fault: expected one of lambda`},
		{"a lost post", match(`"operation": "PostToConnection"`, `"lostDisconnect": true`), `match.operation: invalid "PostToConnection" for this fault`},
		{"a throttled $disconnect", match(`"operation": "$disconnect"`, `"throttle": true`), `match.operation: invalid "$disconnect" for this fault`},

		{"a late read", match(`"operation": "GetItem"`, `"status": 500, "applyLate": "1s"`), `match.operation: invalid "GetItem" for this fault: expected one of PutItem, `},
		{"a part of one item", match(`"operation": "PutItem"`, `"partial": true`), `match.operation: invalid "PutItem" for this fault: expected one of BatchWriteItem, `},
		{"a part of a secret", match(`"service": "ssm"`, `"partial": true`), `match.service: invalid "ssm" for this fault: expected one of dynamodb, sqs`},
		{"a lost question", match(`"operation": "GetConnection"`, `"lost": true`), `match.operation: invalid "GetConnection" for this fault: expected one of PostToConnection`},
		{"a lost $connect", match(`"operation": "$connect"`, `"status": 500`), `match.operation: invalid "$connect" for this fault`},
		{"a clock of an invocation", match(`"operation": "Invoke"`, `"clock": "1s"`), `match.operation: invalid "Invoke" for this fault`},
		{"one name twice", `{"rules": [{"name": "a", "fault": {"reset": true}}, {"name": "a", "fault": {"reset": true}}]}`, `rule 2 (a): name: duplicate rule name "a"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse([]byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want in it %s", err, c.want)
			}
		})
	}
}

func TestReadFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "faults.json")
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a file that is not there: %v", err)
	}
	if err := os.WriteFile(path, []byte(`{"rules": [{}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(path); err == nil || !strings.Contains(err.Error(), path+": rule 1: fault: ") {
		t.Errorf("a file with a bad rule: %v", err)
	}
}

// FuzzParse looks for a text that breaks the parser, or one that it accepts
// and that then cannot be injected.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `{"seed": 18446744073709551615, "rules": []}`, `{"rules": [null]}`, `{"rules": [{"fault": null}]}`,
		`{"rules": [{"name": "a", "match": {"service": "dy*", "operation": "*Item", "function": "**", "resource": "*a*b"}, "when": {"share": 0.5, "limit": 1}, "fault": {"throttle": true}}]}`,
		`{"rules": [{"when": {"nth": 3, "from": "1s", "until": "2s"}, "fault": {"status": 503, "code": "X", "message": "Y", "after": true}}]}`,
		`{"rules": [{"when": {"every": 2}, "fault": {"reset": true, "latency": "1ms"}}, {"when": {"first": 2}, "fault": {"kill": "after"}}]}`,
		`{"rules": [{"fault": {"gone": true}}, {"fault": {"falselyGone": true}}, {"fault": {"lostDisconnect": true}}, {"fault": {"duplicate": true, "late": "2562047h"}}]}`,
	} {
		f.Add(seed)
	}
	points := []Point{
		put, {Service: "sqs", Operation: "Deliver", Resource: "ab"}, {Service: "lambda", Operation: "Invoke"},
		{Service: "execute-api", Operation: "$disconnect"}, {Service: "execute-api", Operation: "PostToConnection"}, {},
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse([]byte(text))
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		i, err := s.Injector()
		if err != nil {
			t.Fatalf("accepted, and then refused: %v", err)
		}
		i.Begin()
		for range 3 {
			for _, p := range points {
				i.At(p)
			}
		}
		if len(i.Counts()) != len(s.Rules) {
			t.Errorf("%d rules have %d counts", len(s.Rules), len(i.Counts()))
		}
	})
}

// The manual's files are files.
func TestTheManualsScripts(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../../../docs/reference/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := strings.Split(string(manual), "```json\n")[1:]
	if len(blocks) != 7 {
		t.Errorf("the manual has %d files, want 7", len(blocks))
	}
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		if s, err := Parse([]byte(block)); err != nil || len(s.Rules) == 0 {
			t.Errorf("%v:\n%s", err, block)
		}
	}
	if !strings.Contains(string(manual), "rule 1 (hot messages): when.share: invalid probability 1.5: expected 0 to 1") {
		t.Error("the manual shows another error than there is")
	}
}
