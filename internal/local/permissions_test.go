package local

import "testing"

func TestARNLike(t *testing.T) {
	t.Parallel()
	const source = "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/live/$connect"
	tests := []struct {
		pattern string
		want    bool
	}{
		{source, true},
		{"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/*$connect", true},
		{"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/*/*", true},
		{"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/live/$connec?", true},
		{"arn:aws:execute-api:*:*:*", true},
		{"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/*$default", false},
		{"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/live/$connect?", false},
		{"arn:aws:execute-api:us-east-1:000000000000:other/*", false},
		{"arn:aws:execute-api:*", false}, // a wildcard ends with its part
		{"*", false},
	}
	for _, test := range tests {
		if got := arnLike(test.pattern, source); got != test.want {
			t.Errorf("arnLike(%q) is %v", test.pattern, got)
		}
	}
}

func TestGlob(t *testing.T) {
	t.Parallel()
	tests := []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"**", "abc", true}, {"?", "", false},
		{"a*b*c", "aXbXbXc", true}, {"a*b*c", "aXbX", false}, {"*a", "ba", true}, {"a", "ab", false}, {"a*", "*", false},
	}
	for _, test := range tests {
		if got := glob(test.pattern, test.text); got != test.want {
			t.Errorf("glob(%q, %q) is %v", test.pattern, test.text, got)
		}
	}
}

func TestPermissionAllows(t *testing.T) {
	t.Parallel()
	base := permissionProperties{Action: "lambda:InvokeFunction", Principal: "apigateway.amazonaws.com"}
	with := func(change func(*permissionProperties)) permissionProperties {
		changed := base
		change(&changed)
		return changed
	}
	tests := []struct {
		name       string
		properties permissionProperties
		want       bool
	}{
		{"any API", base, true},
		{"any action", with(func(p *permissionProperties) { p.Action = "lambda:*" }), true},
		{"this account", with(func(p *permissionProperties) { p.SourceAccount = account }), true},
		{"another action", with(func(p *permissionProperties) { p.Action = "lambda:GetFunction" }), false},
		{"another principal", with(func(p *permissionProperties) { p.Principal = "sns.amazonaws.com" }), false},
		{"another account", with(func(p *permissionProperties) { p.SourceAccount = "123456789012" }), false},
		{"another source", with(func(p *permissionProperties) { p.SourceArn = "arn:aws:sns:us-east-1:000000000000:x" }), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &permission{properties: test.properties}
			if got := e.allows(arn("execute-api", "abcdefghij/live/$connect")); got != test.want {
				t.Errorf("allows is %v", got)
			}
		})
	}
}
