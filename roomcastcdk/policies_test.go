package roomcastcdk

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
)

// expectAllowed checks that the function with this handler may do exactly what
// is listed, each as "action on resource".
func expectAllowed(t *testing.T, template assertions.Template, handler string, want ...string) {
	t.Helper()
	got := allowed(t, template, handler)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s may\n  %s\nwant\n  %s", handler, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// allowed lists what the role of the function with this handler may do.
func allowed(t *testing.T, template assertions.Template, handler string) []string {
	t.Helper()
	role := ""
	for _, function := range all(template, "AWS::Lambda::Function") {
		if properties(function)["Handler"] == handler {
			role = reference(properties(function)["Role"])
		}
	}
	if role == "" {
		t.Fatalf("there is no function with the handler %s", handler)
	}
	var list []string
	for _, policy := range all(template, "AWS::IAM::Policy") {
		for _, attached := range properties(policy)["Roles"].([]any) {
			if reference(attached) == role {
				list = append(list, statements(properties(policy)["PolicyDocument"])...)
			}
		}
	}
	slices.Sort(list)
	return list
}

// statements lists what a policy document allows.
func statements(document any) []string {
	var list []string
	for _, s := range document.(map[string]any)["Statement"].([]any) {
		statement := s.(map[string]any)
		for _, action := range asList(statement["Action"]) {
			for _, resource := range asList(statement["Resource"]) {
				list = append(list, fmt.Sprintf("%v on %s", action, reference(resource)))
			}
		}
	}
	return list
}

func asList(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	return []any{value}
}

// hash is what CDK appends to a logical id.
var hash = regexp.MustCompile(`[0-9A-F]{8}$`)

// reference renders a Ref, a GetAtt or a Join for people: the logical id
// without its hash, or the text with those in it.
func reference(value any) string {
	m, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprint(value)
	}
	if ref, ok := m["Ref"].(string); ok {
		return hash.ReplaceAllString(ref, "")
	}
	if attribute, ok := m["Fn::GetAtt"].([]any); ok {
		return hash.ReplaceAllString(attribute[0].(string), "")
	}
	var text strings.Builder
	for _, part := range m["Fn::Join"].([]any)[1].([]any) {
		text.WriteString(reference(part))
	}
	return text.String()
}

// expectEnvironment checks the names of the variables a function gets.
func expectEnvironment(t *testing.T, function map[string]any, want ...string) {
	t.Helper()
	environment, _ := properties(function)["Environment"].(map[string]any)
	variables, _ := environment["Variables"].(map[string]any)
	got := slices.Sorted(maps.Keys(variables))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the environment of %v has %v, want %v", properties(function)["Handler"], got, want)
	}
}

// expectVariables checks the values of some of a function's variables, named
// without their prefix.
func expectVariables(t *testing.T, template assertions.Template, handler string, want map[string]string) {
	t.Helper()
	variables := properties(functionOf(t, template, handler))["Environment"].(map[string]any)["Variables"].(map[string]any)
	for name, value := range want {
		if got := variables["ROOMCAST_"+name]; got != value {
			t.Errorf("the environment of %s has %s %v, want %s", handler, name, got, value)
		}
	}
}

// on lists these actions on one resource.
func on(resource string, actions ...string) []string {
	var list []string
	for _, action := range actions {
		list = append(list, action+" on "+resource)
	}
	return list
}

// withLogs adds what every function may do.
func withLogs(may []string, id string) []string {
	return slices.Concat(on(id+"Logs", "logs:CreateLogStream", "logs:PutLogEvents"), may)
}
