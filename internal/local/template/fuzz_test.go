package template

import (
	"slices"
	"strings"
	"testing"
)

// FuzzResolver: whatever the template, resolving it neither panics nor goes on
// forever, even when an attribute is worked out from the resource's own
// properties, as package local does.
func FuzzResolver(f *testing.F) {
	for _, value := range []string{
		`{"Fn::Join": ["", ["a", {"Ref": "Table"}, {"Fn::GetAtt": ["Table", "Arn"]}]]}`,
		`{"Fn::Sub": ["${A}${Table.Arn}${!x}${", {"A": {"Ref": "Zones"}}]}`,
		`{"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "AWS::NoValue"}]}]}`,
		`{"Fn::If": ["Round", {"Fn::FindInMap": ["Sizes", "us-east-1", "small"]}, {"Fn::GetAZs": ""}]}`,
		`{"Fn::ImportValue": {"Fn::Base64": {"Ref": "Subject"}}}`,
		`{"Fn::GetAtt": "Subject.V"}`,
	} {
		f.Add([]byte(strings.Replace(sample, "%s", value, 1)))
	}
	f.Add([]byte(`{"Resources": {"A": {"Type": "T", "DependsOn": "B"}, "B": {"Type": "T", "DependsOn": ["A"]}}}`))
	f.Add([]byte(`{"Conditions": {"A": {"Fn::And": [{"Condition": "A"}]}}, "Outputs": {"O": {"Value": 1, "Condition": "A"}}}`))

	f.Fuzz(func(t *testing.T, text []byte) {
		parsed, err := Parse(text)
		if err != nil {
			return
		}
		scope := testScope
		var r *Resolver
		scope.Attribute = func(id, attribute string) (any, bool) {
			properties, err := r.Properties(id)
			if v, ok := properties[attribute]; ok && err == nil {
				return v, true
			}
			return testScope.Attribute(id, attribute)
		}
		r = NewResolver(parsed, scope)
		order, err := r.Order()
		if err != nil {
			return
		}
		for _, id := range order {
			properties, err := r.Properties(id)
			if err != nil && !strings.HasPrefix(err.Error(), id+": ") {
				t.Errorf("error %q does not name %s", err, id)
			}
			if holdsNoValue(properties) {
				t.Errorf("the properties of %s hold AWS::NoValue: %v", id, properties)
			}
		}
		// An error is a valid result; the resolver must only return.
		_, _ = r.Outputs()
	})
}

func holdsNoValue(v any) bool {
	switch v := v.(type) {
	case noValue:
		return true
	case map[string]any:
		for _, item := range v {
			if holdsNoValue(item) {
				return true
			}
		}
	case []any:
		if slices.ContainsFunc(v, holdsNoValue) {
			return true
		}
	}
	return false
}
