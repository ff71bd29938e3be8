package plan

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
)

// Ref and Fn::GetAtt return, for each type, what CloudFormation documents.
func TestAttributes(t *testing.T) {
	t.Parallel()
	const (
		api      = `{"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}}`
		function = `{"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Code": {"S3Key": "code.zip"}}}`
		table    = `{"Type": "AWS::DynamoDB::Table", "Properties": {"StreamSpecification": {}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}}`
		queue    = `{"Type": "AWS::SQS::Queue"}`
		rule     = `{"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 minute)"}}`
		secret   = `{"Type": "AWS::SecretsManager::Secret"}`
		ssm      = `{"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "v"}}`
	)
	tests := []struct{ resource, get, want string }{
		{api, "Ref", `^[a-z0-9]{10}$`},
		{api, "ApiId", `^[a-z0-9]{10}$`},
		{api, "ApiEndpoint", `^wss://[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com$`},
		{function, "Ref", `^S-R-[A-Z0-9]{12}$`},
		{function, "Arn", `^arn:aws:lambda:us-east-1:000000000000:function:S-R-[A-Z0-9]{12}$`},
		{table, "Ref", `^S-R-[A-Z0-9]{12}$`},
		{table, "Arn", `^arn:aws:dynamodb:us-east-1:000000000000:table/S-R-[A-Z0-9]{12}$`},
		{table, "StreamArn", `^arn:aws:dynamodb:us-east-1:000000000000:table/S-R-[A-Z0-9]{12}/stream/`},
		{strings.Replace(table, "::Table", "::GlobalTable", 1), "TableId", `^[0-9a-f]{8}-[0-9a-f]{4}-`},
		{queue, "Ref", `^https://sqs\.us-east-1\.amazonaws\.com/000000000000/S-R-[A-Z0-9]{12}$`},
		{queue, "QueueUrl", `^https://sqs\.us-east-1\.amazonaws\.com/000000000000/S-R-[A-Z0-9]{12}$`},
		{queue, "QueueName", `^S-R-[A-Z0-9]{12}$`},
		{queue, "Arn", `^arn:aws:sqs:us-east-1:000000000000:S-R-[A-Z0-9]{12}$`},
		{rule, "Ref", `^S-R-[A-Z0-9]{12}$`},
		{rule, "Arn", `^arn:aws:events:us-east-1:000000000000:rule/S-R-[A-Z0-9]{12}$`},
		{secret, "Ref", `^arn:aws:secretsmanager:us-east-1:000000000000:secret:R-[A-Za-z0-9]{12}-[A-Za-z0-9]{6}$`},
		{secret, "Id", `^arn:aws:secretsmanager:us-east-1:000000000000:secret:R-[A-Za-z0-9]{12}-[A-Za-z0-9]{6}$`},
		{ssm, "Ref", `^CFN-R-[A-Za-z0-9]{12}$`},
		{ssm, "Type", `^String$`},
		{ssm, "Value", `^v$`},
		{`{"Type": "AWS::IAM::Role"}`, "Ref", `^S-R-[A-Z0-9]{12}$`},
		{`{"Type": "AWS::IAM::Role"}`, "Arn", `^arn:aws:iam::000000000000:role/S-R-[A-Z0-9]{12}$`},
		{`{"Type": "AWS::IAM::Role"}`, "RoleId", `^AROA[A-Z2-7]{17}$`},
		{`{"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "P"}}`, "Ref", `^P$`},
		{`{"Type": "AWS::IAM::ManagedPolicy"}`, "Ref", `^arn:aws:iam::000000000000:policy/S-R-`},
		{`{"Type": "AWS::ApiGatewayV2::Deployment"}`, "Ref", `^[a-z0-9]{6}$`},
		{`{"Type": "AWS::Lambda::Permission"}`, "Ref", `^S-R-`},
		{`{"Type": "AWS::Logs::LogGroup"}`, "Ref", `^S-R-`},
		{`{"Type": "AWS::CloudWatch::Alarm"}`, "Arn", `^arn:aws:cloudwatch:us-east-1:000000000000:S-R-`},
		{`{"Type": "AWS::SNS::Topic"}`, "Ref", `^arn:aws:sns:us-east-1:000000000000:S-R-`},
	}
	for _, test := range tests {
		var kind struct{ Type string }
		if err := json.Unmarshal([]byte(test.resource), &kind); err != nil {
			t.Fatal(err)
		}
		t.Run(kind.Type+"."+test.get, func(t *testing.T) {
			t.Parallel()
			value := fmt.Sprintf(`{"Fn::GetAtt": ["R", %q]}`, test.get)
			if test.get == "Ref" {
				value = `{"Ref": "R"}`
			}
			a, err := assembly.Open(assemblytest.Write(t, map[string]string{
				"S": `{"Resources": {"R": ` + test.resource + `}, "Outputs": {"O": {"Value": ` + value + `}}}`,
			}))
			if err != nil {
				t.Fatal(err)
			}
			p, err := New(a)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprint(p.Stacks[0].Outputs[0].Value); !regexp.MustCompile(test.want).MatchString(got) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

// A generated name has at most the service's length, and its tail is complete.
func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("Long", 40)
	name := physicalName("Stack", long, 64)
	if len(name) != 64 || !regexp.MustCompile(`^Stack-Long.*-[A-Z0-9]{12}$`).MatchString(name) {
		t.Errorf("name is %s", name)
	}
	if other := physicalName("Stack", long+"er", 64); other == name {
		t.Error("two logical ids have one name")
	}
}
