package template

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// sample is a template with one of everything that values can refer to.
const sample = `{
	"Parameters": {
		"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/version"},
		"Env": {"Type": "String", "Default": "dev"},
		"Size": {"Type": "Number", "Default": 3},
		"Zones": {"Type": "CommaDelimitedList", "Default": "a, b,c"},
		"Secret": {"Type": "String"},
		"Odd": {"Type": "String", "Default": {"x": 1}},
		"OddList": {"Type": "CommaDelimitedList", "Default": ["x"]}
	},
	"Mappings": {"Sizes": {"us-east-1": {"small": 1, "names": ["x", "y"]}}},
	"Conditions": {
		"IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
		"IsDev": {"Fn::Not": [{"Condition": "IsProd"}]},
		"Both": {"Fn::And": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
		"Either": {"Fn::Or": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
		"SizeIs3": {"Fn::Equals": [{"Ref": "Size"}, "3"]},
		"Round": {"Fn::Not": [{"Condition": "Trip"}]},
		"Trip": {"Fn::Not": [{"Condition": "Round"}]},
		"Unknown": {"Condition": "Nobody"},
		"Strange": {"Fn::Contains": [["a"], "a"]},
		"NoList": {"Fn::And": "x"},
		"NoName": {"Condition": 1},
		"NoFunction": "x",
		"NotTwo": {"Fn::Not": [{"Condition": "IsProd"}, {"Condition": "IsDev"}]},
		"EqualsOne": {"Fn::Equals": ["x"]},
		"EqualsList": {"Fn::Equals": [["x"], "x"]},
		"OrBroken": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "Nobody"}]}
	},
	"Resources": {
		"Table": {"Type": "AWS::DynamoDB::Table"},
		"ProdOnly": {"Type": "AWS::SQS::Queue", "Condition": "IsProd"},
		"Subject": {"Type": "Test::Subject", "Properties": {"V": %s}}
	}
}`

// testScope answers for every resource: a Ref is its id in lower case, Arn an ARN.
var testScope = Scope{
	Region:    "us-east-1",
	AccountID: "000000000000",
	Partition: "aws",
	URLSuffix: "amazonaws.com",
	StackName: "Stack",
	StackID:   "arn:stack",
	Attribute: func(id, attribute string) (any, bool) {
		switch attribute {
		case RefAttribute:
			return strings.ToLower(id), id != "Subject"
		case "Arn":
			return "arn:" + id, true
		case "Count":
			return 7, true
		case "Ratio":
			return 0.5, true
		}
		return nil, false
	},
	Import: func(name string) (any, error) {
		if name != "Other:Table" {
			return nil, fmt.Errorf("nobody exports %s", name)
		}
		return "imported", nil
	},
}

func TestValues(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"plain", `{"a": ["x", 1, true, null]}`, `{"a": ["x", 1, true, null]}`},
		{"two members are no function", `{"Ref": "x", "Fn::Sub": "y"}`, `{"Ref": "x", "Fn::Sub": "y"}`},

		{"ref of a resource", `{"Ref": "Table"}`, `"table"`},
		{"ref of a parameter", `{"Ref": "Env"}`, `"dev"`},
		{"ref of a number", `{"Ref": "Size"}`, `3`},
		{"ref of a list", `{"Ref": "Zones"}`, `["a", "b", "c"]`},
		{"pseudo parameters", `[{"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}, {"Ref": "AWS::Partition"},
			{"Ref": "AWS::URLSuffix"}, {"Ref": "AWS::StackName"}, {"Ref": "AWS::StackId"}, {"Ref": "AWS::NotificationARNs"}]`,
			`["us-east-1", "000000000000", "aws", "amazonaws.com", "Stack", "arn:stack", []]`},
		{"no value in an object", `{"a": {"Ref": "AWS::NoValue"}, "b": 1}`, `{"b": 1}`},
		{"no value in a list", `[1, {"Ref": "AWS::NoValue"}, 2]`, `[1, 2]`},

		{"attribute", `{"Fn::GetAtt": ["Table", "Arn"]}`, `"arn:Table"`},
		{"attribute with a dot", `{"Fn::GetAtt": "Table.Arn"}`, `"arn:Table"`},
		{"attribute by name of a parameter", `{"Fn::GetAtt": ["Table", {"Fn::Join": ["", ["A", "rn"]]}]}`, `"arn:Table"`},

		{"join", `{"Fn::Join": [":", ["a", {"Ref": "Table"}, "b"]]}`, `"a:table:b"`},
		{"join makes strings", `{"Fn::Join": ["", [1.50, true, {"Ref": "Size"}, {"Fn::GetAtt": "Table.Count"}, {"Fn::GetAtt": "Table.Ratio"}]]}`, `"1.50true370.5"`},
		{"join a list parameter", `{"Fn::Join": ["+", {"Ref": "Zones"}]}`, `"a+b+c"`},
		{"join leaves out no value", `{"Fn::Join": [",", ["a", {"Ref": "AWS::NoValue"}, "b"]]}`, `"a,b"`},
		{"join of nothing", `{"Fn::Join": [",", []]}`, `""`},

		{"sub", `{"Fn::Sub": "${Table}-${AWS::Region}-${Table.Arn}-${Env}"}`, `"table-us-east-1-arn:Table-dev"`},
		{"sub with variables", `{"Fn::Sub": ["${A}${Table}${ A }", {"A": {"Ref": "Size"}}]}`, `"3table3"`},
		{"sub with a variable over a resource", `{"Fn::Sub": ["${Table}", {"Table": "mine"}]}`, `"mine"`},
		{"sub with literals", `{"Fn::Sub": "$ ${!Table} $${Env} ${"}`, `"$ ${Table} $dev ${"`},

		{"split", `{"Fn::Split": [",", "a,b,,c"]}`, `["a", "b", "", "c"]`},
		{"select", `{"Fn::Select": [1, {"Fn::Split": [":", {"Fn::GetAtt": "Table.Arn"}]}]}`, `"Table"`},
		{"select by text", `{"Fn::Select": ["0", ["x"]]}`, `"x"`},
		{"base64", `{"Fn::Base64": "hello"}`, `"aGVsbG8="`},
		{"zones", `{"Fn::GetAZs": ""}`, `["us-east-1a", "us-east-1b", "us-east-1c"]`},
		{"zones of a region", `{"Fn::Select": [0, {"Fn::GetAZs": "eu-west-1"}]}`, `"eu-west-1a"`},
		{"find in map", `{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "small"]}`, `1`},
		{"find in map or else", `{"Fn::FindInMap": ["Sizes", "mars", "small", {"DefaultValue": {"Ref": "Env"}}]}`, `"dev"`},
		{"import", `{"Fn::ImportValue": {"Fn::Sub": "Other:${!Table}"}}`, ``},
		{"import known", `{"Fn::ImportValue": "Other:Table"}`, `"imported"`},

		{"if met", `{"Fn::If": ["IsDev", "yes", "no"]}`, `"yes"`},
		{"if not met", `{"Fn::If": ["IsProd", "yes", {"Ref": "Table"}]}`, `"table"`},
		{"if nothing", `{"a": {"Fn::If": ["IsProd", "yes", {"Ref": "AWS::NoValue"}]}}`, `{}`},
		{"the branch not taken may be broken", `{"Fn::If": ["IsDev", "yes", {"Ref": "ProdOnly"}]}`, `"yes"`},
		{"and, or, numbers", `[{"Fn::If": ["Both", 1, 0]}, {"Fn::If": ["Either", 1, 0]}, {"Fn::If": ["SizeIs3", 1, 0]}]`, `[0, 1, 1]`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			properties, err := resolver(t, test.value).Properties("Subject")
			if test.want == "" {
				if err == nil {
					t.Fatalf("resolved to %v, want an error", properties["V"])
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(properties["V"])
			if err != nil {
				t.Fatal(err)
			}
			if !sameJSON(t, string(got), test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value, want string }{
		{"unknown resource", `{"a": [1, {"Ref": "Nobody"}]}`, "Subject: V.a.1.Ref: unknown resource or parameter Nobody: expected one of the template"},
		{"unknown pseudo parameter", `{"Ref": "AWS::Nobody"}`, "unknown pseudo parameter AWS::Nobody"},
		{"unknown attribute", `{"Fn::GetAtt": ["Table", "Colour"]}`, "resource Table (AWS::DynamoDB::Table) has no attribute Colour locally"},
		{"nothing to refer to", `{"Ref": "Subject"}`, "resource Subject (Test::Subject) cannot be referred to locally"},
		{"a resource of an unmet condition", `{"Ref": "ProdOnly"}`, "ProdOnly does not exist because its condition IsProd is not met"},
		{"the bootstrap version", `{"Ref": "BootstrapVersion"}`, "parameter BootstrapVersion: unknown SSM parameter"},
		{"a parameter without a default", `{"Ref": "Secret"}`, "parameter Secret has no default: add one"},
		{"an invalid default", `{"Ref": "Odd"}`, "parameter Odd: expected a string, not an object"},
		{"an invalid list default", `{"Ref": "OddList"}`, "parameter OddList: expected a string, not a list"},
		{"ref of a list", `{"Ref": ["Table"]}`, "expected a name, not a list"},
		{"attribute of what", `{"Fn::GetAtt": "Table"}`, "expected [logical ID, attribute]"},
		{"attribute in three parts", `{"Fn::GetAtt": ["Table", "Arn", "x"]}`, "expected [logical ID, attribute]"},
		{"attribute that is a list", `{"Fn::GetAtt": ["Table", []]}`, "expected a string, not a list"},
		{"join of an object", `{"Fn::Join": ["", {"a": 1}]}`, "expected a list to join, not an object"},
		{"join of a list in a list", `{"Fn::Join": ["", [["a"]]]}`, "item 0: expected a string, not a list"},
		{"join with one argument", `{"Fn::Join": [""]}`, "expected [delimiter, list]"},
		{"join by a list", `{"Fn::Join": [[], []]}`, "expected a string, not a list"},
		{"split by nothing", `{"Fn::Split": ["", "ab"]}`, "expected a delimiter"},
		{"split of nothing", `{"Fn::Split": [",", null]}`, "expected a string, not nothing"},
		{"split with one argument", `{"Fn::Split": ","}`, "expected [delimiter, string]"},
		{"select out of range", `{"Fn::Select": [2, ["a", "b"]]}`, `invalid index "2": the list has 2 items`},
		{"select from an object", `{"Fn::Select": [0, {}]}`, "expected a list to select from, not an object"},
		{"select with one argument", `{"Fn::Select": [0]}`, "expected [index, list]"},
		{"sub of a list", `{"Fn::Sub": ["${Zones}"]}`, "expected a string, or [string, object of variables]"},
		{"sub with odd variables", `{"Fn::Sub": ["x", 1]}`, "not [a string, a number]"},
		{"sub a list", `{"Fn::Sub": "${Zones}"}`, "Fn::Sub.${Zones}: expected a string, not a list"},
		{"sub nobody", `{"Fn::Sub": "${Nobody.Arn}"}`, "unknown resource or parameter Nobody"},
		{"sub no value", `{"Fn::Sub": "${AWS::NoValue}"}`, "expected a string, not nothing"},
		{"base64 of a list", `{"Fn::Base64": []}`, "expected a string"},
		{"zones of a list", `{"Fn::GetAZs": []}`, "expected a string"},
		{"import of a list", `{"Fn::ImportValue": []}`, "expected a string"},
		{"import of nobody's", `{"Fn::ImportValue": "x"}`, "V.Fn::ImportValue: nobody exports x"},
		{"find nothing", `{"Fn::FindInMap": ["Sizes", "mars", "small"]}`, "unknown key Sizes.mars.small"},
		{"find with two", `{"Fn::FindInMap": ["Sizes", "mars"]}`, "expected [map, key, key]"},
		{"find by a list", `{"Fn::FindInMap": [[], "mars", "x"]}`, "expected a string"},
		{"a function of CloudFormation's alone", `{"Fn::Transform": {}}`, "V.Fn::Transform: this function does not run locally"},
		{"if with two", `{"Fn::If": ["IsDev", "yes"]}`, "expected [condition, value if met, value if not]"},
		{"if of what", `{"Fn::If": [1, 2, 3]}`, "expected the name of a condition, not a number"},
		{"conditions in a circle", `{"Fn::If": ["Round", 1, 2]}`, "condition Round depends on itself"},
		{"a condition of nobody's", `{"Fn::If": ["Unknown", 1, 2]}`, "unknown condition Nobody"},
		{"a strange condition", `{"Fn::If": ["Strange", 1, 2]}`, "condition Strange.Fn::Contains: this condition function does not run locally"},
		{"a condition without a list", `{"Fn::If": ["NoList", 1, 2]}`, "Fn::And: want a list"},
		{"a condition without a name", `{"Fn::If": ["NoName", 1, 2]}`, "expected the name of a condition"},
		{"a condition without a function", `{"Fn::If": ["NoFunction", 1, 2]}`, "expected one condition function"},
		{"not of two", `{"Fn::If": ["NotTwo", 1, 2]}`, "expected one condition"},
		{"equals of one", `{"Fn::If": ["EqualsOne", 1, 2]}`, "expected two values"},
		{"equals of a list", `{"Fn::If": ["EqualsList", 1, 2]}`, "expected a string, not a list"},
		{"or with a broken part", `{"Fn::If": ["OrBroken", 1, 2]}`, "unknown condition Nobody"},
		{"no condition", `{"Fn::If": ["Nobody", 1, 2]}`, "unknown condition Nobody"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			properties, err := resolver(t, test.value).Properties("Subject")
			if err == nil {
				t.Fatalf("resolved to %v", properties["V"])
			}
			if !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "Subject: V") {
				t.Errorf("error is %q, want in it %q and where", err, test.want)
			}
		})
	}
}

// A few bytes of splits and joins in each other would otherwise fill the memory.
func TestGrowthIsBounded(t *testing.T) {
	t.Parallel()
	value := `"aa"`
	for range 40 {
		value = `{"Fn::Join": ["aaaaaaaaaaaa", {"Fn::Split": ["a", ` + value + `]}]}`
	}
	if _, err := resolver(t, value).Properties("Subject"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("error is %v", err)
	}
	value = `{"Fn::Base64": "` + strings.Repeat("a", maxText) + `"}`
	if _, err := resolver(t, value).Properties("Subject"); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("error is %.100v", err)
	}
}

func TestPropertiesOfNobody(t *testing.T) {
	t.Parallel()
	if _, err := resolver(t, `1`).Properties("Nobody"); err == nil {
		t.Error("resolved the properties of a resource that is not there")
	}
}

func TestImportWithoutOtherStacks(t *testing.T) {
	t.Parallel()
	parsed, err := Parse([]byte(`{"Outputs": {"A": {"Value": {"Fn::ImportValue": "x"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewResolver(parsed, Scope{}).Outputs(); err == nil || !strings.Contains(err.Error(), "no other stack") {
		t.Errorf("error is %v", err)
	}
}

func resolver(t *testing.T, value string) *Resolver {
	t.Helper()
	parsed, err := Parse([]byte(strings.Replace(sample, "%s", value, 1)))
	if err != nil {
		t.Fatal(err)
	}
	return NewResolver(parsed, testScope)
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if err := decode([]byte(a), &x); err != nil {
		t.Fatalf("%s: %v", a, err)
	}
	if err := decode([]byte(b), &y); err != nil {
		t.Fatalf("%s: %v", b, err)
	}
	return reflect.DeepEqual(x, y)
}
