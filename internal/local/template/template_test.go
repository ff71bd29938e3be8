package template

import (
	"slices"
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"no JSON", `Resources:`, "not a CloudFormation template"},
		{"a list", `[]`, "not a CloudFormation template"},
		{"resources in a list", `{"Resources": []}`, "expected an object in Resources"},
		{"a resource in a list", `{"Resources": {"A": []}}`, "resource A"},
		{"no type", `{"Resources": {"A": {}}}`, "resource A has no Type"},
		{"twice", `{"Resources": {"A": {"Type": "T"}, "A": {"Type": "T"}}}`, "resource A is defined twice"},
		{"a transform", `{"Transform": "AWS::Serverless-2016-10-31"}`, "transform AWS::Serverless-2016-10-31"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := Parse([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want in it %q", err, test.want)
			}
		})
	}
}

func TestResourcesKeepTheTemplatesOrder(t *testing.T) {
	t.Parallel()
	r := parse(t, `{
		"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}, "Always": {"Fn::Equals": ["a", "a"]}},
		"Resources": {
			"Z": {"Type": "T", "Condition": "Always", "DependsOn": "A", "Metadata": {"aws:cdk:path": "S/Z"}},
			"M": {"Type": "T", "Condition": "Never"},
			"A": {"Type": "T", "DependsOn": ["B"]},
			"B": {"Type": "T"}
		}
	}`)
	resources, err := r.Resources()
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, resource := range resources {
		ids = append(ids, resource.LogicalID)
	}
	if want := []string{"Z", "A", "B"}; !slices.Equal(ids, want) {
		t.Errorf("resources are %v, want %v", ids, want)
	}
	if resources[0].Metadata["aws:cdk:path"] != "S/Z" {
		t.Errorf("metadata is %v", resources[0].Metadata)
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, resources, want string }{
		{"as written", `{"B": {"Type": "T"}, "A": {"Type": "T"}}`, "B A"},
		{"depends on", `{"B": {"Type": "T", "DependsOn": ["A"]}, "A": {"Type": "T"}}`, "A B"},
		{"ref", `{"B": {"Type": "T", "Properties": {"x": [{"Ref": "A"}]}}, "A": {"Type": "T"}}`, "A B"},
		{"attribute", `{"B": {"Type": "T", "Properties": {"x": {"Fn::GetAtt": ["A", "Arn"]}}}, "A": {"Type": "T"}}`, "A B"},
		{"attribute with a dot", `{"B": {"Type": "T", "Properties": {"x": {"Fn::GetAtt": "A.Arn"}}}, "A": {"Type": "T"}}`, "A B"},
		{"sub", `{"B": {"Type": "T", "Properties": {"x": {"Fn::Sub": "x${A.Arn}"}}}, "A": {"Type": "T"}}`, "A B"},
		{"sub with a variable of that name", `{"B": {"Type": "T", "Properties": {"x": {"Fn::Sub": ["${A}${!A}", {"A": 1}]}}}, "A": {"Type": "T"}}`, "B A"},
		{"inside an if", `{"B": {"Type": "T", "Properties": {"x": {"Fn::If": ["Never", 1, {"Ref": "A"}]}}}, "A": {"Type": "T"}}`, "A B"},
		{"an unmet condition", `{"B": {"Type": "T", "DependsOn": "A"}, "A": {"Type": "T", "Condition": "Never", "DependsOn": "B"}}`, "B"},
		{"parameters and odd calls", `{"B": {"Type": "T", "Properties": {"x": [{"Ref": "AWS::Region"}, {"Ref": 1}, {"Fn::GetAtt": []}, {"Fn::GetAtt": [1]}, {"Fn::Sub": 1}]}}}`, "B"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			order, err := parse(t, `{"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}}, "Resources": `+test.resources+`}`).Order()
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(order, " "); got != test.want {
				t.Errorf("order is %s, want %s", got, test.want)
			}
		})
	}
}

func TestOrderRefusesCircles(t *testing.T) {
	t.Parallel()
	tests := []struct{ resources, want string }{
		{`{"A": {"Type": "T", "DependsOn": "A"}}`, "circular dependency between resources: A → A"},
		{`{"S": {"Type": "T", "DependsOn": "A"}, "A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T", "Properties": {"x": {"Ref": "A"}}}}`,
			"circular dependency between resources: A → B → A"},
		{`{"A": {"Type": "T", "Condition": "Nobody"}}`, "A: Condition: unknown condition Nobody"},
	}
	for _, test := range tests {
		if _, err := parse(t, `{"Resources": `+test.resources+`}`).Order(); err == nil || err.Error() != test.want && !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("error is %v, want %s", err, test.want)
		}
	}
}

func TestOutputs(t *testing.T) {
	t.Parallel()
	r := parse(t, `{
		"Conditions": {"Never": {"Fn::Equals": ["a", "b"]}},
		"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}},
		"Outputs": {
			"Name": {"Value": {"Ref": "Table"}, "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Name"}}},
			"Arn": {"Value": {"Fn::GetAtt": ["Table", "Arn"]}},
			"Gone": {"Value": {"Ref": "Nobody"}, "Condition": "Never"}
		}
	}`)
	outputs, err := r.Outputs()
	if err != nil {
		t.Fatal(err)
	}
	want := []Output{{Name: "Arn", Value: "arn:Table"}, {Name: "Name", Value: "table", Export: "Stack:Name"}}
	if !slices.Equal(outputs, want) {
		t.Errorf("outputs are %v, want %v", outputs, want)
	}
	for text, want := range map[string]string{
		`{"Outputs": {"A": {"Value": {"Ref": "X"}}}}`:                        "output A: Value.Ref: unknown resource or parameter X",
		`{"Outputs": {"A": {"Value": 1, "Condition": "X"}}}`:                 "output A: Condition: unknown condition X",
		`{"Outputs": {"A": {"Value": 1, "Export": {"Name": {"Ref": "X"}}}}}`: "output A: Export.Ref: unknown",
	} {
		if _, err := parse(t, text).Outputs(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v, want in it %s", text, err, want)
		}
	}
}

func parse(t *testing.T, text string) *Resolver {
	t.Helper()
	parsed, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return NewResolver(parsed, testScope)
}
