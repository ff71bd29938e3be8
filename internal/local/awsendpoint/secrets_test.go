package awsendpoint_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/access"
	"github.com/roomcast/roomcast/internal/local/awsendpoint"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/local/secrets"
)

const secretARN = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-Xy12Zz"

// full is a secret store with a secret and three parameters.
func full(t testing.TB) *secrets.Store {
	t.Helper()
	v := secrets.New(secrets.Config{AccountID: account, Region: region})
	value := "classified"
	if err := v.AddSecret(secrets.Secret{Name: "db", ARN: secretARN, Value: &value}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"/app/a", "/app/b", "plain"} {
		if _, err := v.AddParameter(secrets.Parameter{Name: name, Type: secrets.String, Value: "value of " + name}); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// ask makes a signed call in the JSON protocol of both services.
func ask(t testing.TB, f *awsendpoint.Endpoint, by access.Credentials, service, operation, body string) (status int, answer string) {
	t.Helper()
	target := "AmazonSSM."
	if service == secrets.SecretsManager {
		target = "secretsmanager."
	}
	r, text := do(t, request(t, by, f.URL(), service, body, func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		r.Header.Set("X-Amz-Target", target+operation)
	}))
	if got := r.Header.Get("Content-Type"); got != "application/x-amz-json-1.1" {
		t.Errorf("the content type is %q", got)
	}
	return r.StatusCode, text
}

// Every call requires its own permission on the secrets or parameters that it
// names.
func TestSecretPermissions(t *testing.T) {
	t.Parallel()
	const (
		sm        = "arn:aws:secretsmanager:us-east-1:000000000000:secret:"
		parameter = "arn:aws:ssm:us-east-1:000000000000:parameter/"
		get       = `{"SecretId":"db"}`
		none      = `{"SecretId":"nobody"}`
		staged    = `{"ForAnyValue:StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}}`
		flat      = `{"StringEquals":{"ssm:Recursive":"false"}}`
	)
	for _, c := range []struct {
		name, service, operation, body string
		statement                      string
		want                           string // in the answer, or "action on resource: …" of a refusal
	}{
		{"by name", "secretsmanager", "GetSecretValue", get, allow("secretsmanager:GetSecretValue", secretARN), `"SecretString":"classified"`},
		{"by ARN", "secretsmanager", "GetSecretValue", `{"SecretId":"` + secretARN + `"}`, allow("secretsmanager:GetSecretValue", secretARN), `"SecretString":"classified"`},
		{"by partial ARN", "secretsmanager", "GetSecretValue", `{"SecretId":"` + sm + `db"}`, allow("secretsmanager:GetSecretValue", secretARN), `"SecretString":"classified"`},
		{"as CDK imports it", "secretsmanager", "GetSecretValue", get, allow("secretsmanager:GetSecretValue", sm+"db-??????"), `"SecretString":"classified"`},
		{"without its suffix", "secretsmanager", "GetSecretValue", get, allow("secretsmanager:GetSecretValue", sm+"db"), "secretsmanager:GetSecretValue on resource: db"},
		{"another secret", "secretsmanager", "GetSecretValue", `{"SecretId":"` + secretARN + `"}`, allow("secretsmanager:GetSecretValue", sm+"other-??????"), "secretsmanager:GetSecretValue on resource: " + secretARN},
		{"another action", "secretsmanager", "PutSecretValue", get, allow("secretsmanager:GetSecretValue", secretARN), "secretsmanager:PutSecretValue on resource: db"},
		{"describe", "secretsmanager", "DescribeSecret", get, allow("secretsmanager:DescribeSecret", secretARN), `"Name":"db"`},
		{"of a version", "secretsmanager", "GetSecretValue", `{"SecretId":"db","VersionStage":"AWSCURRENT"}`, when(allow("secretsmanager:GetSecretValue", secretARN), staged), `"SecretString":"classified"`},
		{"of another version", "secretsmanager", "GetSecretValue", `{"SecretId":"db","VersionStage":"AWSPREVIOUS"}`, when(allow("secretsmanager:GetSecretValue", secretARN), staged), "secretsmanager:GetSecretValue on resource: db"},
		{"no such secret", "secretsmanager", "GetSecretValue", none, allow("secretsmanager:GetSecretValue", "*"), "ResourceNotFoundException"},
		{"no such secret, by what its name begins with", "secretsmanager", "GetSecretValue", none, allow("secretsmanager:GetSecretValue", sm+"nobody*"), "ResourceNotFoundException"},
		{"no such secret, and not allowed", "secretsmanager", "GetSecretValue", none, allow("secretsmanager:GetSecretValue", secretARN), "secretsmanager:GetSecretValue on resource: nobody"},
		{"no secret", "secretsmanager", "ListSecrets", `{}`, allow("secretsmanager:GetSecretValue", "*"), "secretsmanager:ListSecrets on resource: *"},

		{"parameter", "ssm", "GetParameter", `{"Name":"/app/a"}`, allow("ssm:GetParameter", parameter+"app/a"), `"Value":"value of /app/a"`},
		{"parameter without a path", "ssm", "GetParameter", `{"Name":"plain"}`, allow("ssm:GetParameter", parameter+"plain"), `"Value":"value of plain"`},
		{"parameter's version", "ssm", "GetParameter", `{"Name":"/app/a:1"}`, allow("ssm:GetParameter", parameter+"app/a"), `"Selector":":1"`},
		{"parameter by ARN", "ssm", "GetParameter", `{"Name":"` + parameter + `app/a"}`, allow("ssm:GetParameter", parameter+"app/a"), `"Value":"value of /app/a"`},
		{"another parameter", "ssm", "GetParameter", `{"Name":"/app/b"}`, allow("ssm:GetParameter", parameter+"app/a"), "ssm:GetParameter on resource: " + parameter + "app/b"},
		{"no such parameter", "ssm", "GetParameter", `{"Name":"/app/c"}`, allow("ssm:GetParameter", parameter+"app/*"), "ParameterNotFound"},
		{"no such parameter, and not allowed", "ssm", "GetParameter", `{"Name":"/other"}`, allow("ssm:GetParameter", parameter+"app/*"), "ssm:GetParameter on resource: " + parameter + "other"},
		{"parameters", "ssm", "GetParameters", `{"Names":["/app/a","/app/c"]}`, allow("ssm:GetParameters", parameter+"app/*"), `"InvalidParameters":["/app/c"]`},
		{"one parameter too many", "ssm", "GetParameters", `{"Names":["/app/a","/app/b"]}`, allow("ssm:GetParameters", parameter+"app/a"), "ssm:GetParameters on resource: " + parameter + "app/b"},
		{"parameters by the single permission", "ssm", "GetParameters", `{"Names":["/app/a"]}`, allow("ssm:GetParameter", parameter+"app/a"), "ssm:GetParameters on resource: " + parameter + "app/a"},
		{"path", "ssm", "GetParametersByPath", `{"Path":"/app"}`, allow("ssm:GetParametersByPath", parameter+"app"), `"Name":"/app/b"`},
		{"path by its parameters", "ssm", "GetParametersByPath", `{"Path":"/app"}`, allow("ssm:GetParametersByPath", parameter+"app/*"), "ssm:GetParametersByPath on resource: " + parameter + "app"},
		{"path, not recursive", "ssm", "GetParametersByPath", `{"Path":"/app"}`, when(allow("ssm:GetParametersByPath", "*"), flat), `"Name":"/app/b"`},
		{"path, recursive", "ssm", "GetParametersByPath", `{"Path":"/app","Recursive":true}`, when(allow("ssm:GetParametersByPath", "*"), flat), "ssm:GetParametersByPath on resource: " + parameter + "app"},
		{"put", "ssm", "PutParameter", `{"Name":"/app/d","Value":"x","Type":"String"}`, allow("ssm:PutParameter", parameter+"app/d"), `"Version":1`},
		{"no parameter", "ssm", "DescribeParameters", `{}`, allow("ssm:GetParameter", "*"), "ssm:DescribeParameters on resource: arn:aws:ssm:us-east-1:000000000000:*"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := open(t, awsendpoint.Config{Secrets: full(t), Keys: keys(t, false, c.statement)})
			status, answer := ask(t, f, chat, c.service, c.operation, c.body)
			action, _, refused := strings.Cut(c.want, " on resource: ")
			if !refused {
				if !strings.Contains(answer, c.want) || strings.Contains(answer, access.AccessDenied) {
					t.Errorf("answer %d: %s\nwant %s", status, answer, c.want)
				}
				return
			}
			var denial struct {
				Code    string `json:"__type"`
				Message string `json:"message"`
			}
			if err := json.Unmarshal([]byte(answer), &denial); err != nil {
				t.Fatal(err)
			}
			want := "User: arn:aws:sts::000000000000:assumed-role/ChatRole/chat-fn is not authorized to perform: " + c.want +
				" because no identity-based policy allows the " + action + " action"
			if status != http.StatusBadRequest || denial.Code != access.AccessDenied || denial.Message != want {
				t.Errorf("answer %d: %s\nwant %s", status, answer, want)
			}
		})
	}
}

// Callers without valid credentials learn nothing, not even whether a secret
// exists.
func TestSecretsNeedASignature(t *testing.T) {
	t.Parallel()
	f := open(t, awsendpoint.Config{Secrets: full(t)})
	forged := admin
	forged.SecretAccessKey = "guessed"
	for by, want := range map[access.Credentials]string{{}: "MissingAuthenticationTokenException", forged: "InvalidSignatureException"} {
		status, answer := ask(t, f, by, secrets.SecretsManager, "GetSecretValue", `{"SecretId":"db"}`)
		if status != http.StatusBadRequest || !strings.Contains(answer, want) || strings.Contains(answer, "classified") {
			t.Errorf("answer %d: %s, want %s", status, answer, want)
		}
	}
	// Operations that are not emulated say so to callers with the permission.
	if status, answer := ask(t, f, admin, secrets.SecretsManager, "CreateSecret", `{}`); status != http.StatusNotImplemented || !strings.Contains(answer, "does not emulate CreateSecret of secretsmanager") {
		t.Errorf("answer %d: %s", status, answer)
	}
}

func TestSecretFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		rule faults.Rule
		want string // in the answer to GetSecretValue and to PutParameter
		made bool   // the parameter
	}{
		{"another secret", faults.Rule{Service: "secretsmanager", Resource: "other", Throttle: true}, "classified", false},
		{"throttled", faults.Rule{Service: "secretsmanager", Resource: "db", Throttle: true}, "ThrottlingException", false},
		{"failing", faults.Rule{Service: "secretsmanager", Status: 500}, "InternalServiceError", false},
		{"after the work", faults.Rule{Service: "ssm", Resource: "/new", Operation: "PutParameter", Status: 500, After: true}, "InternalServerError", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			injector := faults.New(1)
			if _, err := injector.Add(c.rule); err != nil {
				t.Fatal(err)
			}
			injector.Begin()
			v := full(t)
			f := open(t, awsendpoint.Config{Secrets: v, Faults: injector, Keys: keys(t, false, allow("*", "*"))})
			_, answer := ask(t, f, chat, secrets.SecretsManager, "GetSecretValue", `{"SecretId":"db"}`)
			if c.made {
				_, answer = ask(t, f, chat, secrets.SSM, "PutParameter", `{"Name":"/new","Value":"x","Type":"String"}`)
			}
			if !strings.Contains(answer, c.want) {
				t.Errorf("answer %s, want %s", answer, c.want)
			}
			if _, made := v.ParameterValue("/new"); made != c.made {
				t.Errorf("the parameter was made: %v, want %v", made, c.made)
			}
		})
	}
}
