package iam

import (
	"slices"
	"testing"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	role := Context{"aws:principalarn": {"arn:aws:iam::1:role/Reader"}, "k": {"v"}}
	many := Context{"k": {"a", "b"}}
	for _, c := range []struct {
		name, condition string
		context         Context
		want            bool
	}{
		{"equal", `{"StringEquals":{"k":"v"}}`, role, true},
		{"keys in any case", `{"StringEquals":{"AWS:PrincipalARN":"arn:aws:iam::1:role/Reader"}}`, role, true},
		{"one of several", `{"StringEquals":{"k":["u","v"]}}`, role, true},
		{"not equal", `{"StringEquals":{"k":"V"}}`, role, false},
		{"no wildcards in equals", `{"StringEquals":{"k":"*"}}`, role, false},
		{"absent", `{"StringEquals":{"x":"v"}}`, role, false},
		{"absent, if exists", `{"StringEqualsIfExists":{"x":"v"}}`, role, true},
		{"present, if exists", `{"StringEqualsIfExists":{"k":"u"}}`, role, false},
		{"negated", `{"StringNotEquals":{"k":["u","w"]}}`, role, true},
		{"negated, one equals", `{"StringNotEquals":{"k":["u","v"]}}`, role, false},
		{"negated, absent", `{"StringNotEquals":{"x":"v"}}`, role, true},
		{"ignoring case", `{"StringEqualsIgnoreCase":{"k":"V"}}`, role, true},
		{"not ignoring case", `{"StringNotEqualsIgnoreCase":{"k":"V"}}`, role, false},
		{"like", `{"StringLike":{"k":["x*","?"]}}`, role, true},
		{"not like", `{"StringNotLike":{"k":"v*"}}`, role, false},
		{"every operator has to hold", `{"StringEquals":{"k":"v"},"StringLike":{"k":"u*"}}`, role, false},
		{"every key has to hold", `{"StringEquals":{"k":"v","aws:PrincipalArn":"x"}}`, role, false},
		{"a variable", `{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::1:role/${x,'Reader'}"}}`, role, true},
		{"a variable without value", `{"StringLike":{"k":"${x}*"}}`, role, false},
		{"a variable that is not closed", `{"StringLike":{"k":"${k"}}`, role, false},
		{"a star as such", `{"StringLike":{"k":"${*}"}}`, role, false},
		{"a star for a star", `{"StringLike":{"k":"a${*}?"}}`, Context{"k": {"a*é"}}, true},
		{"an ARN", `{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}`, role, true},
		{"not an ARN", `{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/*"}}`, role, true},
		{"not equal to an ARN", `{"ArnNotEquals":{"aws:PrincipalArn":"arn:aws:iam::*:role/*"}}`, role, false},
		{"true", `{"Bool":{"k":true}}`, Context{"k": {"true"}}, true},
		{"false", `{"Bool":{"k":"false"}}`, Context{"k": {"true"}}, false},
		{"absent is neither", `{"Bool":{"k":"false"}}`, nil, false},
		{"null", `{"Null":{"k":"true"}}`, nil, true},
		{"not null", `{"Null":{"k":false}}`, role, true},
		{"null though present", `{"Null":{"k":true}}`, role, false},
		{"number", `{"NumericEquals":{"k":10}}`, Context{"k": {"10.0"}}, true},
		{"other number", `{"NumericNotEquals":{"k":"10"}}`, Context{"k": {"11"}}, true},
		{"less", `{"NumericLessThan":{"k":"10"}}`, Context{"k": {"9"}}, true},
		{"not less", `{"NumericLessThan":{"k":"10"}}`, Context{"k": {"10"}}, false},
		{"at most", `{"NumericLessThanEquals":{"k":"10"}}`, Context{"k": {"10"}}, true},
		{"more", `{"NumericGreaterThan":{"k":"-1"}}`, Context{"k": {"0"}}, true},
		{"at least", `{"NumericGreaterThanEquals":{"k":"10"}}`, Context{"k": {"9"}}, false},
		{"no number", `{"NumericLessThan":{"k":"10"}}`, role, false},
		{"day", `{"DateEquals":{"k":"2026-01-02"}}`, Context{"k": {"2026-01-02T00:00:00Z"}}, true},
		{"since 1970", `{"DateLessThan":{"k":"1767312000"}}`, Context{"k": {"2026-01-01T00:00:00Z"}}, true},
		{"another time", `{"DateNotEquals":{"k":"2026-01-02T00:00:00Z"}}`, Context{"k": {"2026-01-02T00:00:00Z"}}, false},
		{"no later", `{"DateLessThanEquals":{"k":"2026-01-02T00:00:00Z"}}`, Context{"k": {"2026-01-02T00:00:01Z"}}, false},
		{"no earlier", `{"DateGreaterThanEquals":{"k":"2026-01-02T00:00Z"}}`, Context{"k": {"2026-01-02T00:00:00Z"}}, true},
		{"in a range", `{"IpAddress":{"k":["10.0.0.0/8","127.0.0.1"]}}`, Context{"k": {"127.0.0.1"}}, true},
		{"not in a range", `{"NotIpAddress":{"k":"10.0.0.0/8"}}`, Context{"k": {"10.1.2.3"}}, false},
		{"all values", `{"ForAllValues:StringEquals":{"k":["a","b","c"]}}`, many, true},
		{"not all values", `{"ForAllValues:StringEquals":{"k":["a","c"]}}`, many, false},
		{"all of none", `{"ForAllValues:StringEquals":{"k":"a"}}`, nil, true},
		{"any value", `{"ForAnyValue:StringLike":{"k":["b*"]}}`, many, true},
		{"not any value", `{"ForAnyValue:StringEquals":{"k":["c"]}}`, many, false},
		{"any of none", `{"ForAnyValue:StringEqualsIfExists":{"k":"a"}}`, nil, false},
		{"all values are not", `{"ForAllValues:StringNotEquals":{"k":["c"]}}`, many, true},
		{"any value is not", `{"ForAnyValue:StringNotEquals":{"k":["a"]}}`, many, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			want := ImplicitDeny
			if c.want {
				want = Allow
			}
			p := parsed(t, allow(`"Action":"*","Resource":"*","Condition":`+c.condition))
			if got := p.Decide(Request{"a:b", "*", c.context}); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

// Unknown operators count against the caller, and are listed.
func TestUnknownOperators(t *testing.T) {
	t.Parallel()
	elements := `"Action":"*","Resource":"*","Condition":{"StringResembles":{"k":"v"},"StringEquals":{"k":"v"}}`
	context := Context{"k": {"v"}}
	allowing := parsed(t, allow(elements))
	if got := allowing.Decide(Request{"a:b", "*", context}); got != ImplicitDeny {
		t.Errorf("an allow came to %v", got)
	}
	denying := parsed(t, policyOf(`"Effect":"Deny",`+elements))
	if got := denying.Decide(Request{"a:b", "*", context}); got != ExplicitDeny {
		t.Errorf("a deny came to %v", got)
	}
	if got := denying.Decide(Request{"a:b", "*", nil}); got != ImplicitDeny {
		t.Errorf("a deny whose other condition does not hold came to %v", got)
	}
	if got := allowing[0].Unknown(); !slices.Equal(got, []string{"StringResembles"}) {
		t.Errorf("unknown operators: %q", got)
	}
}

// The older language has no variables.
func TestVariablesNeedTheNewVersion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version string
		want    Decision
	}{
		{`"Version":"2012-10-17",`, Allow}, {`"Version":"2008-10-17",`, ImplicitDeny}, {``, ImplicitDeny},
	} {
		p := parsed(t, `{`+c.version+`"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/${aws:username}"}}`)
		if got := p.Decide(Request{"s3:GetObject", "arn:aws:s3:::b/bob", Context{"aws:username": {"bob"}}}); got != c.want {
			t.Errorf("with %q: %v, want %v", c.version, got, c.want)
		}
	}
}
