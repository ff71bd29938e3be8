package plan

import (
	"strings"
	"testing"
)

// roomcastFunction is a function that uses a connection table of this name.
func roomcastFunction(table string) string {
	return `"F": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "h", "Code": {"S3Key": "code.zip"},
		"Environment": {"Variables": {"ROOMCAST_CONNECTION_TABLE": ` + table + `}}}}`
}

// A table that the app imports is made for the run, and policies that name it
// elsewhere name it here.
func TestImportedTable(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{`+roomcastFunction(`"orders"`)+`,
		"P": {"Type": "AWS::IAM::Policy", "Properties": {"PolicyName": "p", "Roles": [], "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "dynamodb:*",
			"Resource": ["arn:aws:dynamodb:eu-west-1:123456789012:table/orders", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders2"]}]}}}}`)
	if len(p.Tables) != 1 || p.Tables[0].Name != "orders" || p.Tables[0].Properties.Keys() != "pk (string), sk (string)" {
		t.Fatalf("the tables are %+v", p.Tables)
	}
	if got := string(p.policies[0].properties.PolicyDocument); !strings.Contains(got, `"arn:aws:dynamodb:us-east-1:000000000000:table/orders"`) ||
		!strings.Contains(got, `"arn:aws:dynamodb:eu-west-1:123456789012:table/orders2"`) {
		t.Errorf("the policy is %s", got)
	}
	if notes := strings.Join(p.Notes(), "\n"); !strings.Contains(notes, "not in the app: the table orders; this run creates it") {
		t.Errorf("notes are %s", notes)
	}
}

func TestTableWithOtherKeys(t *testing.T) {
	t.Parallel()
	table := func(keys, attributes string) string {
		return `, "T": {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": [` + keys + `], "AttributeDefinitions": [` + attributes + `]}}}`
	}
	const (
		pk       = `{"AttributeName": "pk", "KeyType": "HASH"}`
		sk       = `{"AttributeName": "sk", "KeyType": "RANGE"}`
		pkString = `{"AttributeName": "pk", "AttributeType": "S"}`
	)
	function := `{` + roomcastFunction(`{"Ref": "T"}`)
	if _, err := tryPlan(t, function+table(sk+","+pk, pkString+`, {"AttributeName": "sk", "AttributeType": "S"}`)); err != nil {
		t.Errorf("with the right keys: %v", err)
	}
	for _, c := range []struct{ name, keys, attributes, want string }{
		{"another name", `{"AttributeName": "id", "KeyType": "HASH"}`, `{"AttributeName": "id", "AttributeType": "S"}`, "invalid keys id (string)"},
		{"no sort key", pk, pkString, "invalid keys pk (string): expected pk (string), sk (string)"},
		{"a number", pk + "," + sk, pkString + `, {"AttributeName": "sk", "AttributeType": "N"}`, "invalid keys pk (string), sk (number)"},
		{"bytes", pk + "," + sk, pkString + `, {"AttributeName": "sk", "AttributeType": "B"}`, "sk (binary)"},
		{"no type", pk + "," + sk, pkString, "sk (without a type)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if _, err := tryPlan(t, function+table(c.keys, c.attributes)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want in it %q", err, c.want)
			}
		})
	}
}
