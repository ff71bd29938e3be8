package secrets_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local/secrets"
)

const (
	secretARN  = "arn:aws:secretsmanager:us-east-1:000000000000:secret:db-Xy12Zz"
	secretText = "the value"
	token      = "00000000-0000-4000-8000-00000000000"
)

// full is a store with the secret db, an empty one, and parameters.
func full(t *testing.T) *secrets.Store {
	t.Helper()
	v := secrets.New(secrets.Config{AccountID: "000000000000", Region: "us-east-1", Now: func() time.Time { return time.UnixMilli(1500) }})
	value := secretText
	for _, s := range []secrets.Secret{
		{Name: "db", ARN: secretARN, Value: &value, Description: "of a test", Tags: []secrets.Tag{{Key: "k", Value: "v"}}},
		{Name: "empty", ARN: "arn:aws:secretsmanager:us-east-1:000000000000:secret:empty-Xy12Zz"},
	} {
		if err := v.AddSecret(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []secrets.Parameter{
		{Name: "/app/a", Type: secrets.String, Value: "1"},
		{Name: "/app/b", Type: secrets.StringList, Value: "2,3"},
		{Name: "/app/deep/c", Type: secrets.String, Value: "<4>"},
		{Name: "/apple", Type: secrets.String, Value: "5"},
		{Name: "plain", Type: secrets.String, Value: "6", DataType: "aws:ec2:image"},
	} {
		if _, err := v.AddParameter(p); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// call is a call and its expected answer.
type call struct {
	service, operation, body string
	status                   int
	want                     string // prefix of the answer; VERSION stands for the ID of the first version
}

// run makes the calls one after the other.
func run(t *testing.T, v *secrets.Store, calls []call) {
	t.Helper()
	_, first := v.Call(secrets.SecretsManager, "GetSecretValue", []byte(`{"SecretId":"db"}`))
	var id struct{ VersionId string }
	if err := json.Unmarshal(first, &id); err != nil || len(id.VersionId) != 36 {
		t.Fatalf("the first version is %s", first)
	}
	version := strings.NewReplacer("VERSION", id.VersionId)
	for _, c := range calls {
		status, answer := v.Call(c.service, c.operation, []byte(version.Replace(c.body)))
		if status != c.status || !strings.HasPrefix(string(answer), version.Replace(c.want)) {
			t.Errorf("%s %s: %d %s\nwant %d %s", c.operation, c.body, status, answer, c.status, version.Replace(c.want))
		}
		if status != http.StatusOK && strings.Contains(string(answer), secretText) {
			t.Errorf("%s %s: the error shows the secret: %s", c.operation, c.body, answer)
		}
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	const (
		sm      = secrets.SecretsManager
		head    = `{"ARN":"` + secretARN + `","Name":"db",`
		missing = `{"Message":"Secrets Manager can't find the specified secret`
	)
	get := func(more string) string { return `{"SecretId":"db"` + more + `}` }
	put := func(last int, more string) string {
		return fmt.Sprintf(`{"SecretId":"db","ClientRequestToken":"%s%d",%s}`, token, last, more)
	}
	run(t, full(t), []call{
		{sm, "GetSecretValue", get(""), 200, head + `"VersionId":"VERSION","SecretString":"` + secretText + `","VersionStages":["AWSCURRENT"],"CreatedDate":1.5}`},
		{sm, "GetSecretValue", `{"SecretId":"` + secretARN + `"}`, 200, head},
		{sm, "GetSecretValue", `{"SecretId":"` + strings.TrimSuffix(secretARN, "-Xy12Zz") + `"}`, 200, head},
		{sm, "GetSecretValue", `{"SecretId":"db-Xy12Zz"}`, 400, missing + `.","__type":"ResourceNotFoundException"}`},
		{sm, "GetSecretValue", `{"SecretId":"empty"}`, 400, missing + ` value for staging label: AWSCURRENT","__type":"ResourceNotFoundException"}`},
		{sm, "GetSecretValue", get(`,"VersionStage":"AWSPREVIOUS"`), 400, missing + ` value for staging label: AWSPREVIOUS`},
		{sm, "GetSecretValue", get(`,"VersionId":"nobody"`), 400, missing + ` value for VersionId: nobody`},
		{sm, "GetSecretValue", get(`,"VersionId":"VERSION","VersionStage":"AWSPREVIOUS"`), 400, `{"Message":"You provided a VersionStage that is not associated`},
		{sm, "DescribeSecret", get(""), 200, head + `"Description":"of a test","Tags":[{"Key":"k","Value":"v"}],"CreatedDate":1.5,"LastChangedDate":1.5,"VersionIdsToStages":{"VERSION":["AWSCURRENT"]}}`},
		{sm, "DescribeSecret", `{"SecretId":"nobody"}`, 400, missing},

		{sm, "PutSecretValue", put(2, `"SecretString":"second"`), 200, head + `"VersionId":"` + token + `2","VersionStages":["AWSCURRENT"]}`},
		{sm, "PutSecretValue", put(2, `"SecretString":"second"`), 200, head + `"VersionId":"` + token + `2","VersionStages":["AWSCURRENT"]}`},
		{sm, "PutSecretValue", put(2, `"SecretString":"`+secretText+`"`), 400, `{"Message":"A resource with the ID you requested already exists.","__type":"ResourceExistsException"}`},
		{sm, "GetSecretValue", get(`,"VersionStage":"AWSPREVIOUS"`), 200, head + `"VersionId":"VERSION"`},
		{sm, "PutSecretValue", put(3, `"SecretBinary":"AAE=","VersionStages":["AWSPENDING"]`), 200, head + `"VersionId":"` + token + `3","VersionStages":["AWSPENDING"]}`},
		{sm, "GetSecretValue", get(`,"VersionStage":"AWSPENDING"`), 200, head + `"VersionId":"` + token + `3","SecretBinary":"AAE="`},
		{sm, "GetSecretValue", get(""), 200, head + `"VersionId":"` + token + `2","SecretString":"second"`},
		{sm, "PutSecretValue", put(4, `"SecretString":"fourth"`), 200, head},
		{sm, "GetSecretValue", get(`,"VersionStage":"AWSPREVIOUS"`), 200, head + `"VersionId":"` + token + `2"`},
		{sm, "GetSecretValue", get(`,"VersionId":"VERSION"`), 200, head + `"VersionId":"VERSION"`},

		{sm, "PutSecretValue", get(`,"SecretString":"x"`), 400, `{"Message":"You must provide a ClientRequestToken value.`},
		{sm, "PutSecretValue", get(`,"SecretString":"x","ClientRequestToken":"short"`), 400, `{"Message":"ClientRequestToken must be 32-64 characters long."`},
		{sm, "PutSecretValue", put(5, `"SecretString":"x","SecretBinary":"AAE="`), 400, `{"Message":"You must provide either SecretString or SecretBinary."`},
		{sm, "PutSecretValue", strings.Replace(put(5, `"SecretString":"x"`), "db", "nobody", 1), 400, missing},
		{sm, "PutSecretValue", strings.Replace(put(6, `"SecretString":"x","VersionStages":["OWN"]`), "db", "empty", 1), 200, `{"ARN":"arn:aws:secretsmanager:us-east-1:000000000000:secret:empty-Xy12Zz","Name":"empty","VersionId":"` + token + `6","VersionStages":["OWN","AWSCURRENT"]}`},

		{sm, "UpdateSecret", put(7, `"SecretString":"seventh","Description":"rotated"`), 200, head + `"VersionId":"` + token + `7"}`},
		{sm, "UpdateSecret", put(7, `"SecretString":"another"`), 400, `{"Message":"A resource with the ID you requested already exists."`},
		{sm, "GetSecretValue", get(""), 200, head + `"VersionId":"` + token + `7","SecretString":"seventh","VersionStages":["AWSCURRENT"]`},
		{sm, "GetSecretValue", get(`,"VersionStage":"AWSPREVIOUS"`), 200, head + `"VersionId":"` + token + `4","SecretString":"fourth","VersionStages":["AWSPREVIOUS"]`},
		{sm, "GetSecretValue", get(`,"VersionStage":"AWSPENDING"`), 200, head + `"VersionId":"` + token + `3"`},
		{sm, "DescribeSecret", get(""), 200, head + `"Description":"rotated"`},
		{sm, "UpdateSecret", get(`,"Description":"described"`), 200, head[:len(head)-1] + `}`},
		{sm, "DescribeSecret", get(""), 200, head + `"Description":"described"`},
		{sm, "UpdateSecret", get(`,"SecretString":"x"`), 400, `{"Message":"You must provide a ClientRequestToken value.`},
		{sm, "UpdateSecret", `{"SecretId":"nobody","Description":"x"}`, 400, missing},

		{sm, "GetSecretValue", `[`, 400, `{"Message":"The request body is not understood.","__type":"SerializationException"}`},
		{sm, "BatchGetSecretValue", `{}`, 501, `{"Message":"the local cloud does not emulate BatchGetSecretValue of secretsmanager","__type":"NotImplemented"}`},
	})
}

func TestParameters(t *testing.T) {
	t.Parallel()
	const (
		ssm       = secrets.SSM
		arn       = "arn:aws:ssm:us-east-1:000000000000:parameter/"
		a         = `{"Name":"/app/a","Type":"String","Value":"1","Version":1,"LastModifiedDate":1.5,"ARN":"` + arn + `app/a","DataType":"text"}`
		c         = `{"Name":"/app/deep/c","Type":"String","Value":"<4>","Version":1,"LastModifiedDate":1.5,"ARN":"` + arn + `app/deep/c","DataType":"text"}`
		notFound  = `{"__type":"ParameterNotFound","message":""}`
		noVersion = `{"__type":"ParameterVersionNotFound","message":"Systems Manager could not find version`
		malformed = `{"__type":"ValidationException","message":"`
	)
	b := strings.NewReplacer("app/a", "app/b", `"1"`, `"2,3"`, `"String"`, `"StringList"`).Replace(a)
	run(t, full(t), []call{
		{ssm, "GetParameter", `{"Name":"/app/a","WithDecryption":true}`, 200, `{"Parameter":` + a + `}`},
		{ssm, "GetParameter", `{"Name":"` + arn + `app/a"}`, 200, `{"Parameter":` + a + `}`},
		{ssm, "GetParameter", `{"Name":"` + arn + `app/a:1"}`, 200, `{"Parameter":{"Name":"/app/a","Type":"String","Value":"1","Version":1,"Selector":":1"`},
		{ssm, "GetParameter", `{"Name":"plain"}`, 200, `{"Parameter":{"Name":"plain","Type":"String","Value":"6","Version":1,"LastModifiedDate":1.5,"ARN":"` + arn + `plain","DataType":"aws:ec2:image"}`},
		{ssm, "GetParameter", `{"Name":"app/a"}`, 400, notFound},
		{ssm, "GetParameter", `{}`, 400, notFound},
		{ssm, "GetParameter", `{"Name":"/app/a:2"}`, 400, noVersion + " 2 of /app/a."},
		{ssm, "GetParameter", `{"Name":"/app/a:prod"}`, 400, noVersion + " label prod of /app/a."},
		{ssm, "GetParameters", `{"Names":["/app/b","/app/nobody","/app/a"]}`, 200, `{"Parameters":[` + b + `,` + a + `],"InvalidParameters":["/app/nobody"]}`},
		{ssm, "GetParameters", `{"Names":["1","2","3","4","5","6","7","8","9","10","11"]}`, 400, malformed + "1 validation error detected: Value at 'names'"},
		{ssm, "GetParametersByPath", `{"Path":"/app"}`, 200, `{"Parameters":[` + a + `,` + b + `]}`},
		{ssm, "GetParametersByPath", `{"Path":"/app/","Recursive":true}`, 200, `{"Parameters":[` + a + `,` + b + `,` + c + `]}`},
		{ssm, "GetParametersByPath", `{"Path":"/app","Recursive":true,"MaxResults":2}`, 200, `{"Parameters":[` + a + `,` + b + `],"NextToken":"L2FwcC9i"}`},
		{ssm, "GetParametersByPath", `{"Path":"/app","Recursive":true,"MaxResults":2,"NextToken":"L2FwcC9i"}`, 200, `{"Parameters":[` + c + `]}`},
		{ssm, "GetParametersByPath", `{"Path":"/"}`, 200, `{"Parameters":[{"Name":"/apple"`},
		{ssm, "GetParametersByPath", `{"Path":"/nobody"}`, 200, `{"Parameters":[]}`},
		{ssm, "GetParametersByPath", `{"Path":"app"}`, 400, malformed + "The parameter path must begin with"},
		{ssm, "GetParametersByPath", `{"Path":"/app","MaxResults":11}`, 400, malformed + "1 validation error detected: Value at 'maxResults'"},
		{ssm, "GetParametersByPath", `{"Path":"/app","NextToken":"!"}`, 400, `{"__type":"InvalidNextToken"`},
		{ssm, "GetParametersByPath", `{"Path":"/app","ParameterFilters":[{}]}`, 501, `{"__type":"NotImplemented"`},

		{ssm, "PutParameter", `{"Name":"/new","Value":"x","Type":"String","Tier":"Advanced"}`, 200, `{"Version":1,"Tier":"Advanced"}`},
		{ssm, "PutParameter", `{"Name":"/app/a","Value":"x"}`, 400, `{"__type":"ParameterAlreadyExists"`},
		{ssm, "PutParameter", `{"Name":"/app/a","Value":"x","Overwrite":true,"Type":"StringList"}`, 400, `{"__type":"HierarchyTypeMismatch"`},
		{ssm, "PutParameter", `{"Name":"/app/a","Value":"x","Overwrite":true}`, 200, `{"Version":2,"Tier":"Standard"}`},
		{ssm, "GetParameter", `{"Name":"/app/a"}`, 200, `{"Parameter":{"Name":"/app/a","Type":"String","Value":"x","Version":2,`},
		{ssm, "GetParameter", `{"Name":"/app/a:1"}`, 200, `{"Parameter":{"Name":"/app/a","Type":"String","Value":"1","Version":1,`},
		{ssm, "PutParameter", `{"Name":"/s","Value":"x","Type":"SecureString"}`, 501, `{"__type":"NotImplemented","message":"the local cloud does not emulate SecureString`},
		{ssm, "PutParameter", `{"Name":"/s","Value":"x","Type":"String","AllowedPattern":"y"}`, 501, `{"__type":"NotImplemented"`},
		{ssm, "PutParameter", `{"Name":"/s","Value":"x"}`, 400, malformed + "A parameter type is required"},
		{ssm, "PutParameter", `{"Name":"/s","Type":"String"}`, 400, malformed + "1 validation error detected: Value at 'value'"},
		{ssm, "PutParameter", `{"Name":"a/s","Value":"x","Type":"String"}`, 400, malformed + "Parameter name must be a fully qualified name."},
		{ssm, "PutParameter", `{"Name":"a s","Value":"x","Type":"String"}`, 400, malformed + "Parameter name: only a mix"},
		{ssm, "DeleteParameter", `{}`, 501, `{"__type":"NotImplemented","message":"the local cloud does not emulate DeleteParameter of ssm"}`},
	})
}

// Names are unique, as in an account.
func TestNamesAreUnique(t *testing.T) {
	t.Parallel()
	v := full(t)
	if err := v.AddSecret(secrets.Secret{Name: "db", ARN: secretARN}); err == nil || !strings.Contains(err.Error(), "duplicate secret name db") {
		t.Errorf("error is %v", err)
	}
	for name, want := range map[string]string{"plain": "duplicate parameter name plain", "a/b": "fully qualified"} {
		if _, err := v.AddParameter(secrets.Parameter{Name: name, Type: secrets.String, Value: "x"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}
