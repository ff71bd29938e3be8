package plan

import (
	"slices"
	"strings"
	"testing"
)

// roleApp is the resources of a function F with a role R, and of a queue Q
// that may feed it.
func roleApp(role string, more ...string) string {
	return `"R": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader"` + role + `}},
		"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "jobs"}},
		"F": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "fn", "Handler": "index.handler", "Runtime": "nodejs22.x",
			"Code": {"ZipFile": "exports.handler = async () => {}"}, "Role": {"Fn::GetAtt": ["R", "Arn"]}}}` + strings.Join(more, "")
}

func statement(action, resource string) string {
	return `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "` + action + `", "Resource": ` + resource + `}]}`
}

// A role has its own policies and those attached to it.
func TestRolesGetTheirPolicies(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{`+roleApp(`, "Path": "/app/",
		"Policies": [{"PolicyName": "inline", "PolicyDocument": `+statement("sqs:SendMessage", `{"Fn::GetAtt": ["Q", "Arn"]}`)+`}],
		"ManagedPolicyArns": [{"Ref": "Own"}, {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}]`,
		`, "Own": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": `+statement("dynamodb:GetItem", `"*"`)+`}}`,
		`, "P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "PolicyDocument": `+statement("dynamodb:Query", `"*"`)+`, "Roles": [{"Ref": "R"}]}}`,
		`, "M": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": `+statement("dynamodb:Scan", `"*"`)+`, "Roles": [{"Ref": "R"}]}}`,
		`, "Others": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "o", "PolicyDocument": `+statement("dynamodb:PutItem", `"*"`)+`, "Roles": ["writer"], "Users": ["bob"]}}`,
	)+`}`)
	if err := p.Enforceable(); err != nil {
		t.Fatal(err)
	}
	f := p.Functions[0]
	if f.role.ARN != "arn:aws:iam::000000000000:role/app/reader" {
		t.Errorf("the role is %s", f.role.ARN)
	}
	for action, want := range map[string]bool{
		"sqs:SendMessage": true, "dynamodb:GetItem": true, "dynamodb:Query": true, "dynamodb:Scan": true,
		"logs:PutLogEvents": true, "dynamodb:PutItem": false, "sqs:ReceiveMessage": false,
	} {
		if got := f.may(action, "arn:aws:sqs:us-east-1:000000000000:jobs"); got != want {
			t.Errorf("%s: %v, want %v", action, got, want)
		}
	}
	if !p.MayLog(f) {
		t.Error("with AWSLambdaBasicExecutionRole the function may not log")
	}
}

// Policies that cannot be enforced are refused, unless IAM is off.
func TestUnenforceable(t *testing.T) {
	t.Parallel()
	mapping := `, "E": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}}}`
	for _, c := range []struct{ name, resources, says string }{
		{"a malformed inline policy", roleApp(`, "Policies": [{"PolicyName": "odd", "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "GetItem", "Resource": "*"}]}}]`),
			`R (AWS::IAM::Role): its policy odd: iam: statement 1: invalid action "GetItem"`},
		{"a malformed policy", roleApp("", `, "P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "PolicyDocument": {"Statement": [{"Effect": "Maybe"}]}, "Roles": ["reader"]}}`),
			`P (AWS::IAM::Policy): iam: statement 1: invalid Effect "Maybe"`},
		{"a managed policy that is not known", roleApp(`, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonPollyFullAccess"]`), "unknown managed policy arn:aws:iam::aws:policy/AmazonPollyFullAccess"},
		{"a role of elsewhere", strings.Replace(roleApp(""), `{"Fn::GetAtt": ["R", "Arn"]}`, `"arn:aws:iam::1:role/x"`, 1), `unknown role "arn:aws:iam::1:role/x"`},
		{"an event source that may not be polled", roleApp("", mapping), "does not have permissions to call ReceiveMessage on SQS"},
		{"one whose messages may not be deleted", roleApp(`, "Policies": [{"PolicyName": "p", "PolicyDocument": `+statement("sqs:ReceiveMessage", `"*"`)+`}]`, mapping),
			"does not have permissions to call DeleteMessage on SQS"},
		{"one that may", roleApp(`, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"]`, mapping), ""},
		{"a strange role that no function has", roleApp("", `, "Ec2": {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonPollyFullAccess"]}}`), ""},
		{"a function without a role", strings.Replace(roleApp(""), `, "Role": {"Fn::GetAtt": ["R", "Arn"]}`, "", 1), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := mustPlan(t, `{`+c.resources+`}`).Enforceable()
			if c.says == "" && err != nil || c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// A function's lines are written only if its role may do both actions on its
// group, and make the group when the app does not.
func TestMayLog(t *testing.T) {
	t.Parallel()
	const (
		group    = `, "G": {"Type": "AWS::Logs::LogGroup"}`
		its      = `{"Fn::GetAtt": ["G", "Arn"]}`
		both     = `logs:CreateLogStream", "logs:PutLogEvents`
		ofLambda = `"arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/fn:*"`
	)
	for _, c := range []struct {
		name, actions, resource string
		own                     bool // the function has the group of the template
		want                    bool
	}{
		{"its group", both, its, true, true},
		{"no streams", `logs:PutLogEvents`, its, true, false},
		{"no events", `logs:CreateLogStream`, its, true, false},
		{"another group", both, `"arn:aws:logs:us-east-1:000000000000:log-group:other:*"`, true, false},
		{"the default group", `logs:CreateLogGroup", "` + both, ofLambda, false, true},
		{"the default group that nobody makes", both, ofLambda, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			resources := roleApp(`, "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [
				{"Effect": "Allow", "Action": ["`+c.actions+`"], "Resource": `+c.resource+`}]}}]`, group)
			if c.own {
				resources = strings.Replace(resources, `"FunctionName": "fn"`, `"FunctionName": "fn", "LoggingConfig": {"LogGroup": {"Ref": "G"}}`, 1)
			}
			p := mustPlan(t, `{`+resources+`}`)
			if got := p.MayLog(p.Functions[0]); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

// Parts of policies that are not evaluated as on AWS are listed at start.
func TestLawNotes(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{`+roleApp(`, "PermissionsBoundary": "arn:aws:iam::aws:policy/PowerUserAccess", "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringResembles": {"aws:PrincipalArn": "x"},
			"ForAllValues:StringEquals": {"dynamodb:Attributes": "x", "dynamodb:LeadingKeys": "x"}}}]}}]`)+`}`)
	want := []string{
		"not evaluated: the condition key dynamodb:attributes in the policies of R (AWS::IAM::Role); it is treated as absent",
		"not evaluated: the condition operator StringResembles in the policies of R (AWS::IAM::Role); it counts against the caller",
	}
	if got := p.PolicyNotes(); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := p.Notes(); !slices.Contains(got, "not emulated: PermissionsBoundary of R (AWS::IAM::Role)") {
		t.Errorf("notes are %q", got)
	}
}
