package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
)

// secretsApp is a WebSocket API with a function that makes the call in its message.
// Its role permits some calls. It has no SDK and signs the calls itself.
func secretsApp(t *testing.T) string {
	t.Helper()
	const caller = `async (event) => {
		const { createHash, createHmac } = require("node:crypto");
		const { service, target, input } = JSON.parse(event.body);
		const body = JSON.stringify(input), url = new URL(process.env.AWS_ENDPOINT_URL);
		const time = new Date().toISOString().replace(/[-:]|\.\d+/g, ""), day = time.slice(0, 8);
		const sha = (text) => createHash("sha256").update(text).digest("hex");
		const mac = (key, text) => createHmac("sha256", key).update(text).digest();
		const headers = { host: url.host, "x-amz-date": time, "x-amz-security-token": process.env.AWS_SESSION_TOKEN, "x-amz-target": target };
		const names = Object.keys(headers).sort();
		const request = ["POST", "/", "", ...names.map((n) => n + ":" + headers[n]), "", names.join(";"), sha(body)].join("\n");
		const scope = [day, process.env.AWS_REGION, service, "aws4_request"];
		const key = scope.reduce(mac, "AWS4" + process.env.AWS_SECRET_ACCESS_KEY);
		const signature = mac(key, ["AWS4-HMAC-SHA256", time, scope.join("/"), sha(request)].join("\n")).toString("hex");
		const response = await fetch(url, { method: "POST", body, headers: { ...headers, "content-type": "application/x-amz-json-1.1",
			authorization: "AWS4-HMAC-SHA256 Credential=" + [process.env.AWS_ACCESS_KEY_ID, ...scope].join("/") + ", SignedHeaders=" + names.join(";") + ", Signature=" + signature } });
		return { statusCode: 200, body: response.status + " " + (await response.text()) };
	}`
	dir := socketApp(t, map[string]string{"call": assemblytest.Inline(caller) + `, "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "FunctionName": "caller"`})
	addResources(t, dir, `{
		"Db": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "db", "SecretString": "classified"}},
		"Other": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "other", "SecretString": "quiet"}},
		"Rotation": {"Type": "AWS::SecretsManager::RotationSchedule", "Properties": {"SecretId": {"Ref": "Db"}, "RotationRules": {"AutomaticallyAfterDays": 1}}},
		"Limit": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/app/limit", "Type": "String", "Value": "7"}},
		"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "reader", "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [
			{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": {"Ref": "Db"}},
			{"Effect": "Allow", "Action": "secretsmanager:DescribeSecret", "Resource": {"Fn::Sub": "arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:other-??????"}},
			{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": {"Fn::Sub": "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter${Limit}"}}]}}]}}
	}`)
	return dir
}

// addResources adds resources to the template of the stack S.
func addResources(t *testing.T, dir, resources string) {
	t.Helper()
	file := filepath.Join(dir, "S.template.json")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var template struct{ Resources map[string]any }
	var more map[string]any
	if err := errors.Join(json.Unmarshal(text, &template), json.Unmarshal([]byte(resources), &more)); err != nil {
		t.Fatal(err)
	}
	maps.Copy(template.Resources, more)
	if text, err = json.Marshal(template); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A function reads the secrets and parameters that its role allows, and is
// refused the others. Nothing that the cloud says shows a value.
func TestSecretsOfARunningFunction(t *testing.T) {
	t.Parallel()
	logs := &recorder{}
	c := start(t, Options{Assembly: secretsApp(t), Logs: logs.add})
	socket := dial(t, c.APIs()[0].WebSocketURL)
	const refused = "400 AccessDeniedException User: arn:aws:sts::000000000000:assumed-role/reader/caller is not authorized to perform: "
	for _, call := range []struct{ service, target, input, want string }{
		{"secretsmanager", "secretsmanager.GetSecretValue", `{"SecretId":"db"}`, `"SecretString":"classified"`},
		{"secretsmanager", "secretsmanager.DescribeSecret", `{"SecretId":"other"}`, `"Name":"other"`},
		{"ssm", "AmazonSSM.GetParameter", `{"Name":"/app/limit"}`, `"Value":"7"`},
		{"secretsmanager", "secretsmanager.GetSecretValue", `{"SecretId":"other"}`, refused + "secretsmanager:GetSecretValue on resource: other because"},
		{"ssm", "AmazonSSM.GetParameters", `{"Names":["/app/limit"]}`, refused + "ssm:GetParameters on resource: arn:aws:ssm:us-east-1:000000000000:parameter/app/limit because"},
		{"ssm", "AmazonSSM.PutParameter", `{"Name":"/app/limit","Value":"8","Overwrite":true}`, refused + "ssm:PutParameter on resource:"},
	} {
		send(t, socket, fmt.Sprintf(`{"action":"call","service":%q,"target":%q,"input":%s}`, call.service, call.target, call.input))
		got := receive(t, socket)
		if status, body, _ := strings.Cut(got, " "); strings.HasPrefix(call.want, refused) {
			var answer struct{ Type, Message string }
			_ = json.Unmarshal([]byte(strings.Replace(body, "__type", "type", 1)), &answer)
			got = status + " " + answer.Type + " " + answer.Message
		}
		if !strings.Contains(got, call.want) {
			t.Errorf("%s %s: %s, want %s", call.target, call.input, got, call.want)
		}
	}
	lines := c.Describe()
	for _, want := range []string{"secret Db: db", "parameter Limit: /app/limit", "not emulated: AWS::SecretsManager::RotationSchedule (Rotation)"} {
		if !slices.Contains(lines, want) {
			t.Errorf("the description lacks %q: %q", want, lines)
		}
	}
	if all := strings.Join(append(lines, logs.all()...), "\n"); strings.Contains(all, "classified") || strings.Contains(all, "quiet") {
		t.Errorf("a value is shown:\n%s", all)
	}
}
