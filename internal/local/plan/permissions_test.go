package plan

import "testing"

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
		{"this Account", with(func(p *permissionProperties) { p.SourceAccount = Account }), true},
		{"another action", with(func(p *permissionProperties) { p.Action = "lambda:GetFunction" }), false},
		{"another principal", with(func(p *permissionProperties) { p.Principal = "sns.amazonaws.com" }), false},
		{"another service", with(func(p *permissionProperties) { p.Principal = "events.amazonaws.com" }), false},
		{"another account", with(func(p *permissionProperties) { p.SourceAccount = "123456789012" }), false},
		{"this source, as CDK writes it", with(func(p *permissionProperties) {
			p.SourceArn = "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/*$connect"
		}), true},
		{"another route", with(func(p *permissionProperties) {
			p.SourceArn = "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/*$default"
		}), false},
		{"another source", with(func(p *permissionProperties) { p.SourceArn = "arn:aws:sns:us-east-1:000000000000:x" }), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := &permission{properties: test.properties}
			if got := e.allows(APIGateway, ARN("execute-api", "abcdefghij/live/$connect")); got != test.want {
				t.Errorf("allows is %v", got)
			}
		})
	}
}
