package plan

import (
	"regexp"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
)

// reading is a function that has a value in its environment.
func reading(value string) string {
	return `"F": {"Type": "AWS::Lambda::Function", "Properties": {` + assemblytest.Inline(`async () => {}`) + `, "Environment": {"Variables": {"V": ` + value + `}}}}`
}

// Generated values have the requested form.
func TestValuesOfSecrets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, properties, want string }{
		{"given", `"SecretString": "{\"user\":\"ada\"}"`, `^\{"user":"ada"\}$`},
		{"a number", `"SecretString": 42`, `^42$`},
		{"made up", `"GenerateSecretString": {}`, `^[!-~]{32}$`},
		{"a key to sign with", `"GenerateSecretString": {"PasswordLength": 64, "ExcludePunctuation": true}`, `^[A-Za-z0-9]{64}$`},
		{"of a length", `"GenerateSecretString": {"PasswordLength": "8", "ExcludePunctuation": "true", "ExcludeUppercase": true, "ExcludeLowercase": true, "RequireEachIncludedType": false}`, `^[0-9]{8}$`},
		{"without characters", `"GenerateSecretString": {"ExcludeCharacters": "abcdefghijklmnopqrstuvwxyz", "ExcludeNumbers": true, "ExcludePunctuation": true, "IncludeSpace": true}`, `^[A-Z ]{32}$`},
		{"in a template", `"GenerateSecretString": {"SecretStringTemplate": "{\"username\":\"ada\"}", "GenerateStringKey": "password", "ExcludePunctuation": true}`, `^\{"password":"[a-zA-Z0-9]{32}","username":"ada"\}$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := mustPlan(t, `{"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {`+c.properties+`}},
				`+reading(`{"Fn::Sub": "{{resolve:secretsmanager:${S}:SecretString}}"}`)+`}`)
			if got := p.Functions[0].Environment["V"]; !regexp.MustCompile(c.want).MatchString(got) {
				t.Errorf("the value is %s, want %s", got, c.want)
			}
		})
	}
}

// A secret without a value in the template has none, and can get one.
func TestASecretWithoutValue(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "empty"}}}`)
	if _, arn, ok := p.SecretStore.FindSecret("empty"); !ok || !regexp.MustCompile(`:secret:empty-[A-Za-z0-9]{6}$`).MatchString(arn) {
		t.Errorf("the secret is %s, %v", arn, ok)
	}
	if value, ok := p.SecretStore.SecretString("empty", "", ""); ok {
		t.Errorf("its value is %q", value)
	}
}

// CloudFormation puts the values of secrets and parameters into properties.
func TestDynamicReferences(t *testing.T) {
	t.Parallel()
	const resources = `"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "db/main", "SecretString": "{\"password\":\"p:w}\",\"port\":5432}"}},
		"A": {"Type": "AWS::SecretsManager::SecretTargetAttachment", "Properties": {"SecretId": {"Ref": "S"}, "TargetId": "x", "TargetType": "AWS::RDS::DBInstance"}},
		"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/app/limit", "Type": "String", "Value": 7}}, `
	for value, want := range map[string]string{
		`{"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "S"}, ":SecretString:password::}}"]]}`:                                  "p:w}",
		`{"Fn::Join": ["", ["{{resolve:secretsmanager:", {"Ref": "A"}, ":SecretString:port:AWSCURRENT:}}"]]}`:                            "5432",
		`{"Fn::Sub": ["${S.Id}", {"S.Id": "user:{{resolve:secretsmanager:db/main:SecretString:password}}@{{resolve:ssm:/app/limit}}"}]}`: "user:p:w}@7",
		`"{{resolve:secretsmanager:db/main}}"`:  `{"password":"p:w}","port":5432}`,
		`{"Fn::Sub": "{{resolve:ssm:${P}:1}}"}`: "7",
		`{"Fn::GetAtt": ["P", "Value"]}`:        "7",
		`"{{resolve:nothing}}"`:                 "{{resolve:nothing}}",
	} {
		p := mustPlan(t, `{`+resources+reading(value)+`}`)
		if got := p.Functions[0].Environment["V"]; got != want {
			t.Errorf("%s is %q, want %q", value, got, want)
		}
	}
}

// Parameters are read across stacks, whichever comes first: by dynamic
// references, and by parameters of templates, as CDK writes both.
func TestParametersOfOtherStacks(t *testing.T) {
	t.Parallel()
	a, err := assembly.Open(assemblytest.Write(t, map[string]string{
		"A": `{"Parameters": {
				"One": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/shared/list"},
				"Many": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/shared/list"},
				"Name": {"Type": "AWS::SSM::Parameter::Name", "Default": "/shared/list"}},
			"Resources": {` + reading(`{"Fn::Join": ["|", ["{{resolve:ssm:/shared/list}}", {"Ref": "One"}, {"Fn::Select": [1, {"Ref": "Many"}]}, {"Ref": "Name"}]]}`) + `}}`,
		"B": `{"Resources": {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": "/shared/list", "Type": "StringList", "Value": "a, b"}}}}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := p.Functions[0].Environment["V"], "a, b|a, b|b|/shared/list"; got != want {
		t.Errorf("the value is %q, want %q", got, want)
	}
}

// Secrets and parameters that cannot be are refused, without a word of their
// values.
func TestRefusesSecrets(t *testing.T) {
	t.Parallel()
	secret := func(properties string) string {
		return `"S": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "db", ` + properties + `}}`
	}
	parameter := func(properties string) string {
		return `"P": {"Type": "AWS::SSM::Parameter", "Properties": {` + properties + `}}`
	}
	const secretText = `"SecretString": "{\"secretText\":1}"`
	for _, c := range []struct{ name, resources, want string }{
		{"an invalid value", secret(`"SecretString": {"classified": 1}`), "invalid secret value: expected a string"},
		{"two values", secret(secretText + `, "GenerateSecretString": {}`), "SecretString and GenerateSecretString exclude each other"},
		{"half a template", secret(`"GenerateSecretString": {"GenerateStringKey": "k"}`), "set both or neither"},
		{"an invalid template", secret(`"GenerateSecretString": {"SecretStringTemplate": "classified", "GenerateStringKey": "k"}`), "expected a JSON object"},
		{"an impossible password", secret(`"GenerateSecretString": {"PasswordLength": 3}`), "cannot hold 4 kinds"},
		{"two of a name", secret(secretText) + strings.Replace(`, `+secret(secretText), `"S"`, `"T"`, 1), "duplicate secret name db"},
		{"a SecureString", parameter(`"Type": "SecureString", "Value": "classified"`), "does not emulate SecureString"},
		{"a parameter without value", parameter(`"Type": "String"`), "'value' failed to satisfy"},
		{"a reference to nobody's secret", reading(`"{{resolve:secretsmanager:other:SecretString:k}}"`), "F (AWS::Lambda::Function): Environment: dynamic reference {{resolve:secretsmanager:other:SecretString:k}}: unknown secret other"},
		{"a reference to nobody's parameter", reading(`"{{resolve:ssm:/other}}"`), "unknown parameter /other"},
		{"a reference to no key", secret(secretText) + `, ` + reading(`{"Fn::Sub": "{{resolve:secretsmanager:${S}:SecretString:k}}"}`), "the secret has no key k"},
		{"a reference into no object", secret(`"SecretString": "classified"`) + `, ` + reading(`{"Fn::Sub": "{{resolve:secretsmanager:${S}:SecretString:k}}"}`), "the secret is not a JSON object"},
		{"a value in the wrong place", secret(`"SecretString": "classified"`) + `, "Q": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": {"Fn::Sub": "{{resolve:secretsmanager:${S}}}"}}}`, `"***": expected true or false`},
		{"a reference to bytes", secret(secretText) + `, ` + reading(`{"Fn::Sub": "{{resolve:secretsmanager:${S}:SecretBinary}}"}`), "expected SecretString"},
		{"a reference to another service", reading(`"{{resolve:ssm-secure:/x:1}}"`), "the service ssm-secure does not run locally"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := tryPlan(t, "{"+c.resources+"}")
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "classified") {
				t.Errorf("error is %v, want in it %q", err, c.want)
			}
		})
	}
}
