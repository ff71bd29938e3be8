package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// template is as much of a CloudFormation template as the rules look at.
type template struct {
	Resources map[string]resource
	Outputs   map[string]any
}

type resource struct {
	Type           string
	Properties     map[string]any
	DeletionPolicy string
}

func parse(t *testing.T, text string) template {
	t.Helper()
	var parsed template
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// of returns the resources of a type by logical id.
func (t template) of(resourceType string) map[string]resource {
	found := map[string]resource{}
	for id, r := range t.Resources {
		if r.Type == resourceType {
			found[id] = r
		}
	}
	return found
}

// TestRules holds the whole stack to what no construct may break.
func TestRules(t *testing.T) {
	stack := parse(t, synthesize(t, context(t, nil)))
	t.Run("every route has its own integration and a permission", func(t *testing.T) { checkRoutes(t, stack) })
	t.Run("every function has its own role", func(t *testing.T) { checkRoles(t, stack) })
	t.Run("all functions are one program", func(t *testing.T) { checkCode(t, stack) })
	t.Run("nothing is allowed by a wildcard", func(t *testing.T) { checkPolicies(t, stack) })
	t.Run("queues take requests over TLS only", func(t *testing.T) { checkQueues(t, stack) })
	t.Run("the outputs name what a client needs", func(t *testing.T) { checkOutputs(t, stack) })
}

func checkRoutes(t *testing.T, stack template) {
	routes, integrations := stack.of("AWS::ApiGatewayV2::Route"), stack.of("AWS::ApiGatewayV2::Integration")
	permissions := stack.of("AWS::Lambda::Permission")
	if len(routes) != 13 || len(integrations) != 13 || len(permissions) != 13 {
		t.Errorf("got %d routes, %d integrations and %d permissions, want 13 of each", len(routes), len(integrations), len(permissions))
	}
	usedBy := map[string]string{}
	for id, route := range routes {
		key := route.Properties["RouteKey"].(string)
		integration := named(route.Properties["Target"], integrations)
		if integration == "" {
			t.Errorf("the route %s has no integration", key)
			continue
		}
		if other, shared := usedBy[integration]; shared {
			t.Errorf("the routes %s and %s share the integration %s", id, other, integration)
		}
		usedBy[integration] = id

		function := named(integrations[integration].Properties["IntegrationUri"], stack.of("AWS::Lambda::Function"))
		permitted := false
		for _, p := range permissions {
			permitted = permitted || named(p.Properties["FunctionName"], stack.Resources) == function &&
				p.Properties["Principal"] == "apigateway.amazonaws.com" &&
				slices.Contains(texts(p.Properties["SourceArn"]), "/*"+key)
		}
		if !permitted {
			t.Errorf("API Gateway may not invoke %s for the route %s", function, key)
		}
	}
}

func checkRoles(t *testing.T, stack template) {
	usedBy := map[string]string{}
	for id, function := range stack.of("AWS::Lambda::Function") {
		role := named(function.Properties["Role"], stack.of("AWS::IAM::Role"))
		if other, shared := usedBy[role]; shared || role == "" {
			t.Errorf("the role of %s is %q, which is also the role of %q", id, role, other)
		}
		usedBy[role] = id
	}
	if len(usedBy) != 15 {
		t.Errorf("got %d roles in use, want 15", len(usedBy))
	}
}

func checkCode(t *testing.T, stack template) {
	programs := map[any]bool{}
	for _, function := range stack.of("AWS::Lambda::Function") {
		programs[function.Properties["Code"].(map[string]any)["S3Key"]] = true
	}
	if len(programs) != 1 {
		t.Errorf("the functions run %d different programs, want one", len(programs))
	}
}

func checkPolicies(t *testing.T, stack template) {
	policies := stack.of("AWS::IAM::Policy")
	if len(policies) == 0 {
		t.Error("there are no policies to check")
	}
	for id, policy := range policies {
		for _, s := range policy.Properties["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			for _, action := range texts(statement["Action"]) {
				if strings.Contains(action, "*") {
					t.Errorf("%s allows %s", id, action)
				}
			}
			if slices.Contains(texts(statement["Resource"]), "*") {
				t.Errorf("%s allows %v on everything", id, statement["Action"])
			}
		}
	}
	for id, role := range stack.of("AWS::IAM::Role") {
		if role.Properties["ManagedPolicyArns"] != nil || role.Properties["Policies"] != nil {
			t.Errorf("%s has policies besides those that were checked", id)
		}
	}
}

func checkQueues(t *testing.T, stack template) {
	queues := stack.of("AWS::SQS::Queue")
	for _, policy := range stack.of("AWS::SQS::QueuePolicy") {
		if found := texts(policy.Properties["PolicyDocument"]); slices.Contains(found, "Deny") && slices.Contains(found, "false") {
			delete(queues, named(policy.Properties["Queues"], queues))
		}
	}
	for id := range queues {
		t.Errorf("%s takes plain HTTP", id)
	}
}

func checkOutputs(t *testing.T, stack template) {
	for _, name := range []string{"WebSocketUrl", "CallbackUrl", "ConnectionTableName", "MessageTableName", "BroadcastQueueUrl", "DeadLetterQueueUrl"} {
		if stack.Outputs[name] == nil {
			t.Errorf("there is no output %s", name)
		}
	}
}

// named returns the one of these resources that value refers to, or "".
func named(value any, among map[string]resource) string {
	for _, text := range texts(value) {
		if _, ok := among[text]; ok {
			return text
		}
	}
	return ""
}

// texts returns every string inside of value.
func texts(value any) []string {
	var list []string
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		for _, element := range v {
			list = append(list, texts(element)...)
		}
	case map[string]any:
		for _, element := range v {
			list = append(list, texts(element)...)
		}
	}
	return list
}
