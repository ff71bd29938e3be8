package iam

import (
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const ok = `"Action":"a:b","Resource":"*"`
	for _, c := range []struct{ name, document, says string }{
		{"no JSON", `{`, "invalid policy document"},
		{"two documents", `{"Statement":[]}{}`, "invalid policy document"},
		{"an element in another case", policyOf(`"effect":"Allow",` + ok), "effect"},
		{"an element twice", policyOf(`"Effect":"Deny","Effect":"Allow",` + ok), "duplicate"},
		{"an element twice, once in another case", policyOf(`"Effect":"Deny","EFFECT":"Allow",` + ok), "EFFECT"},
		{"a condition operator twice", allow(ok + `,"Condition":{"Bool":{"k":"true"},"Bool":{}}`), "duplicate"},
		{"a list", `[]`, "invalid policy document"},
		{"no statement", `{"Version":"2012-10-17"}`, "missing Statement"},
		{"another version", `{"Version":"2012-10-18","Statement":[]}`, `"2012-10-18"`},
		{"an unknown element", `{"Statements":[]}`, "Statements"},
		{"an unknown element of a statement", allow(ok + `,"Actions":"a:b"`), "Actions"},
		{"no effect", policyOf(ok), `invalid Effect ""`},
		{"another effect", policyOf(`"Effect":"allow",` + ok), `invalid Effect "allow"`},
		{"no action", allow(`"Resource":"*"`), "Action or NotAction"},
		{"both kinds of action", allow(ok + `,"NotAction":"a:b"`), "Action or NotAction"},
		{"no resource", allow(`"Action":"a:b"`), "Resource or NotResource"},
		{"both kinds of resource", allow(ok + `,"NotResource":"*"`), "Resource or NotResource"},
		{"empty actions", allow(`"Action":[],"Resource":"*"`), "empty"},
		{"an action of no service", allow(`"Action":"PutItem","Resource":"*"`), `"PutItem"`},
		{"an action of no name", allow(`"Action":"dynamodb:","Resource":"*"`), `"dynamodb:"`},
		{"a resource by name", allow(`"Action":"a:b","Resource":"Chat"`), `"Chat"`},
		{"a resource of another type", allow(`"Action":"a:b","Resource":{"Ref":"Table"}`), "invalid policy document"},
		{"a principal", allow(ok + `,"Principal":"*"`), "invalid Principal"},
		{"a condition without values", allow(ok + `,"Condition":{"StringEquals":{"k":{}}}`), "invalid condition value"},
		{"a Bool of another kind", allow(ok + `,"Condition":{"Bool":{"k":"yes"}}`), `"yes"`},
		{"a Null of another kind", allow(ok + `,"Condition":{"Null":{"k":"yes"}}`), `"yes"`},
		{"an invalid number", allow(ok + `,"Condition":{"NumericEquals":{"k":"ten"}}`), `"ten"`},
		{"an invalid date", allow(ok + `,"Condition":{"DateLessThan":{"k":"monday"}}`), `"monday"`},
		{"an invalid address", allow(ok + `,"Condition":{"IpAddress":{"k":"here"}}`), `"here"`},
		{"named by its Sid", allow(`"Sid":"Write",` + `"Resource":"*"`), "statement Write:"},
		{"named by its number", policyOf(`"Effect":"Allow",`+ok, ok), "statement 2:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := Parse([]byte(c.document)); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}

// FuzzDecide reads any document and asks it anything: nothing panics, the
// answer is the same twice, and a Deny of everything always wins.
func FuzzDecide(f *testing.F) {
	f.Add(allow(`"Action":"dynamodb:*","Resource":"arn:aws:dynamodb"`), "dynamodb:GetItem", table, "k", "v")
	f.Add(allow(`"NotAction":["s3:?*"],"NotResource":"${k}"`), "s3:Get", "*", "k", "*")
	f.Add(allow(`"Action":"*","Resource":"*","Condition":{"ForAnyValue:StringLikeIfExists":{"K":["a*","${k,'b'}"]}}`), "a:b", "*", "k", "a\xff")
	f.Add(allow(`"Action":"*","Resource":"*","Condition":{"NumericLessThan":{"k":1},"DateLessThan":{"k":"1"},"Null":{"k":true},"X":{"k":true}}`), "a:b", "*", "k", "NaN")
	f.Add(`{"Statement":[{"Effect":"Deny","Action":"a:b","Resource":"arn:a:b:c:d:e:f"}]}`, "", "", "", "")
	everything := parsed(f, policyOf(`"Effect":"Deny","Action":"*","Resource":"*"`))
	f.Fuzz(func(t *testing.T, document, action, resource, key, value string) {
		p, err := Parse([]byte(document))
		if err != nil {
			return
		}
		p.Unknown()
		r := Request{Action: action, Resource: resource, Context: Context{strings.ToLower(key): {value}}}
		got := Policies{p}.Decide(r)
		if again := (Policies{p, p}).Decide(r); again != got {
			t.Errorf("once %v, twice %v", got, again)
		}
		if denied := append(everything, p).Decide(r); denied != ExplicitDeny {
			t.Errorf("with a Deny of everything: %v", denied)
		}
	})
}

func BenchmarkDecide(b *testing.B) {
	p := parsed(b, policyOf(
		`"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":"arn:aws:logs:us-east-1:000000000000:log-group:x:*"`,
		`"Effect":"Allow","Action":["dynamodb:BatchWriteItem","dynamodb:GetItem","dynamodb:Query"],"Resource":"`+table+`"`,
		`"Effect":"Allow","Action":"execute-api:ManageConnections","Resource":["arn:aws:execute-api:us-east-1:000000000000:abc/prod/GET/@connections/*","arn:aws:execute-api:us-east-1:000000000000:abc/prod/POST/@connections/*"]`))
	r := Request{Action: "execute-api:ManageConnections", Resource: "arn:aws:execute-api:us-east-1:000000000000:abc/prod/POST/@connections/Zm9vYmFy="}
	b.ReportAllocs()
	for b.Loop() {
		if p.Decide(r) != Allow {
			b.Fatal("not allowed")
		}
	}
}
