package main

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	table "github.com/roomcast/roomcast/internal/routes"
)

// template has the parts of a CloudFormation template that the rules read.
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

// TestRules checks the whole stack against the rules for all constructs.
func TestRules(t *testing.T) {
	stack := parse(t, synthesize(t, context(t, nil)))
	t.Run("every route has its own integration and a permission", func(t *testing.T) { checkRoutes(t, stack) })
	t.Run("every function has its own role", func(t *testing.T) { checkRoles(t, stack) })
	t.Run("all functions are one program", func(t *testing.T) { checkCode(t, stack) })
	t.Run("nothing is allowed by a wildcard", func(t *testing.T) { checkPolicies(t, stack) })
	t.Run("permissions to invoke name who", func(t *testing.T) { checkPermissions(t, stack) })
	t.Run("nothing has a name that was chosen", func(t *testing.T) { checkNames(t, stack) })
	t.Run("what keeps data says what becomes of it", func(t *testing.T) { checkRemoval(t, stack) })
	t.Run("no secret is in the template", func(t *testing.T) { checkSecrets(t, stack) })
	t.Run("queues take requests over TLS only", func(t *testing.T) { checkQueues(t, stack) })
	t.Run("the outputs name what a client needs", func(t *testing.T) { checkOutputs(t, stack) })
}

func checkRoutes(t *testing.T, stack template) {
	routes, integrations := stack.of("AWS::ApiGatewayV2::Route"), stack.of("AWS::ApiGatewayV2::Integration")
	permissions := stack.of("AWS::Lambda::Permission")
	// The authorizer and the schedule need one more each.
	if len(routes) != len(table.Routes) || len(integrations) != 6 || len(permissions) != 8 {
		t.Errorf("got %d routes, %d integrations and %d permissions, want %d, 6 and 8", len(routes), len(integrations), len(permissions), len(table.Routes))
	}
	usedBy := map[string]string{}
	for _, route := range routes {
		key := route.Properties["RouteKey"].(string)
		integration := named(route.Properties["Target"], integrations)
		if integration == "" {
			t.Errorf("the route %s has no integration", key)
			continue
		}
		function := named(integrations[integration].Properties["IntegrationUri"], stack.of("AWS::Lambda::Function"))
		if other, made := usedBy[function]; made && other != integration {
			t.Errorf("the function %s has the integrations %s and %s", function, other, integration)
		}
		usedBy[function] = integration
		permitted := false
		for _, p := range permissions {
			permitted = permitted || named(p.Properties["FunctionName"], stack.Resources) == function &&
				p.Properties["Principal"] == "apigateway.amazonaws.com" &&
				slices.ContainsFunc(texts(p.Properties["SourceArn"]), func(s string) bool { return s == "/prod/*" || s == "/*"+key })
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
	if len(usedBy) != 9 {
		t.Errorf("got %d roles in use, want 9", len(usedBy))
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
			for _, resource := range texts(statement["Resource"]) {
				if strings.ContainsAny(resource, "*?") && !anyConnection.MatchString(resource) {
					t.Errorf("%s allows %v on %s", id, statement["Action"], resource)
				}
			}
		}
	}
	for id, role := range stack.of("AWS::IAM::Role") {
		if role.Properties["ManagedPolicyArns"] != nil || role.Properties["Policies"] != nil {
			t.Errorf("%s has policies besides those that were checked", id)
		}
	}
}

// anyConnection is the only resource with a wildcard: ids of connections are
// not known in advance.
var anyConnection = regexp.MustCompile(`^/prod/(POST|GET|DELETE)/@connections/\*$`)

func checkPermissions(t *testing.T, stack template) {
	for id, permission := range stack.of("AWS::Lambda::Permission") {
		if permission.Properties["SourceArn"] == nil || permission.Properties["Principal"] == "*" {
			t.Errorf("%s lets others invoke the function: %v", id, permission.Properties)
		}
	}
}

// checkNames: a resource with a fixed name cannot be replaced, and its stack
// cannot be deployed twice. The allowed names are only labels.
func checkNames(t *testing.T, stack template) {
	labels := map[string]bool{"AWS::ApiGatewayV2::Api": true, "AWS::ApiGatewayV2::Authorizer": true}
	for id, r := range stack.Resources {
		for _, property := range []string{"Name", "TableName", "QueueName", "FunctionName", "RoleName", "LogGroupName", "AlarmName"} {
			text, isText := r.Properties[property].(string)
			if isText && !labels[r.Type] {
				t.Errorf("the %s of %s is %q", property, id, text)
			}
		}
	}
}

func checkRemoval(t *testing.T, stack template) {
	for _, resourceType := range []string{"AWS::DynamoDB::GlobalTable", "AWS::SQS::Queue", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret"} {
		found := stack.of(resourceType)
		if len(found) == 0 {
			t.Errorf("there is no %s", resourceType)
		}
		for id, r := range found {
			if r.DeletionPolicy == "" {
				t.Errorf("%s does not say what becomes of it when the stack is deleted", id)
			}
		}
	}
}

// Patterns of secrets: generated ones, which have digits, and others; and the
// reference with which CloudFormation would insert one.
var (
	generated  = regexp.MustCompile(`^[A-Za-z0-9]*[0-9][A-Za-z0-9]*$`)
	secretLike = regexp.MustCompile(`\{\{resolve:|-----BEGIN|AKIA[A-Z0-9]{16}`)
)

func checkSecrets(t *testing.T, stack template) {
	for id, r := range stack.Resources {
		for _, text := range texts(r.Properties) {
			_, isID := stack.Resources[text]
			if secretLike.MatchString(text) || len(text) >= 32 && generated.MatchString(text) && !isID {
				t.Errorf("%s has what looks like a secret: %.12s...", id, text)
			}
		}
	}
	for _, function := range stack.of("AWS::Lambda::Function") {
		environment, _ := function.Properties["Environment"].(map[string]any)
		variables, _ := environment["Variables"].(map[string]any)
		for name, value := range variables {
			if strings.Contains(name, "SECRET") && named(value, stack.of("AWS::SecretsManager::Secret")) == "" {
				t.Errorf("%s is %v, want the ARN of a secret", name, value)
			}
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
	for _, name := range []string{"WebSocketUrl", "CallbackUrl", "ConnectionTableName", "MessageTableName", "ApiId", "BroadcastQueueArn", "BroadcastQueueUrl", "DeadLetterQueueUrl", "AuthSecretArn"} {
		if stack.Outputs[name] == nil {
			t.Errorf("there is no output %s", name)
		}
	}
}

// named returns the resource that value refers to, or "".
func named(value any, among map[string]resource) string {
	for _, text := range texts(value) {
		if _, ok := among[text]; ok {
			return text
		}
	}
	return ""
}

// texts returns every string in value.
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
