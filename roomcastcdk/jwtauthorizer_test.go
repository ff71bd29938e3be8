package roomcastcdk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// tokenChat is a ChatApi that wants tokens.
type tokenChat struct {
	auth *JwtAuthorizer
	chat *ChatApi
}

func newTokenChat(stack awscdk.Stack, props *JwtAuthorizerProps) tokenChat {
	auth := NewJwtAuthorizer(stack, jsii.String("Auth"), props)
	return tokenChat{auth, NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: auth})}
}

// keys are the props of a provider's tokens.
func keys() JwtAuthorizerProps {
	return JwtAuthorizerProps{
		JwksUrl:  jsii.String("https://issuer.example/jwks.json"),
		Issuer:   jsii.String("https://issuer.example/"),
		Audience: jsii.Strings("chat", "admin"),
	}
}

// refresh is what the function may do for the action refresh.
var refresh = on("ChatConnectionTable", "dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:PutItem", "dynamodb:DeleteItem")

func TestJwtAuthorizerDefault(t *testing.T) {
	stack := newStack(t, nil)
	made := newTokenChat(stack, nil)
	template := templateOf(stack)

	secret := only(t, template, "AWS::SecretsManager::Secret")
	expectProperty(t, secret, "GenerateSecretString", "map[ExcludePunctuation:true PasswordLength:64]")
	expectProperty(t, secret, "SecretString", "<nil>")
	expectProperty(t, secret, "Name", "<nil>")
	if secret["DeletionPolicy"] != "Delete" {
		t.Errorf("the DeletionPolicy of the secret is %v", secret["DeletionPolicy"])
	}

	expectEnvironment(t, functionOf(t, template, "authorizer"), "ROOMCAST_AUTH_ALGORITHMS", "ROOMCAST_AUTH_SECRET_ARN",
		"ROOMCAST_AUTH_USER_CLAIM", "ROOMCAST_AUTH_PERMISSIONS_CLAIM", "ROOMCAST_CONNECTION_TABLE", "ROOMCAST_FRAME_RATE")
	expectVariables(t, template, "authorizer", map[string]string{
		"AUTH_ALGORITHMS": "HS256", "AUTH_USER_CLAIM": "sub", "AUTH_PERMISSIONS_CLAIM": "roomcast"})
	variables := properties(functionOf(t, template, "authorizer"))["Environment"].(map[string]any)["Variables"].(map[string]any)
	if got := fmt.Sprint(variables["ROOMCAST_AUTH_SECRET_ARN"]); !strings.HasPrefix(got, "map[Ref:AuthSecret") {
		t.Errorf("the environment names the secret as %s, want its ARN", got)
	}
	expectAllowed(t, template, "authorizer", withLogs(slices.Concat(refresh, on("AuthSecret", "secretsmanager:GetSecretValue")), "Auth")...)
	expectVariables(t, template, "session", map[string]string{"AUTH": "token"})
	expectConstruct(t, made.auth)
	if made.auth.IsOpen() {
		t.Error("an authorizer says that anybody may connect")
	}
}

// TestJwtAuthorizerGuards: $connect and nothing else has the authorizer, which
// demands no place for the token; refresh goes to the same function.
func TestJwtAuthorizerGuards(t *testing.T) {
	stack := newStack(t, nil)
	made := newTokenChat(stack, nil)
	template := templateOf(stack)

	authorizer := only(t, template, "AWS::ApiGatewayV2::Authorizer")
	expectProperty(t, authorizer, "AuthorizerType", "REQUEST")
	expectProperty(t, authorizer, "IdentitySource", "<nil>")
	uri := reference(properties(authorizer)["AuthorizerUri"])
	if uri != "arn:AWS::Partition:apigateway:AWS::Region:lambda:path/2015-03-31/functions/AuthFunction/invocations" {
		t.Errorf("the authorizer invokes %s", uri)
	}
	for _, route := range all(template, "AWS::ApiGatewayV2::Route") {
		p := properties(route)
		want := "NONE"
		if p["RouteKey"] == "$connect" {
			want = "CUSTOM"
			if got := reference(p["AuthorizerId"]); got != "ChatAuthorizer" {
				t.Errorf("$connect is guarded by %s", got)
			}
		}
		if p["AuthorizationType"] != want {
			t.Errorf("the authorization of %v is %v, want %s", p["RouteKey"], p["AuthorizationType"], want)
		}
	}

	if !answers(template, "refresh") || made.chat.RouteFunction(jsii.String("refresh")) != made.auth.Function {
		t.Error("the action refresh is not answered by the function that judges tokens")
	}
	sources := invokers(template, "AuthFunction")
	const api = "arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:ChatApi/"
	if want := []string{api + "*refresh", api + "authorizers/ChatAuthorizer"}; !slices.Equal(sources, want) {
		t.Errorf("the function may be invoked by %v, want %v", sources, want)
	}
	template.ResourceCountIs(jsii.String("AWS::ApiGatewayV2::Route"), jsii.Number(openRoutes+1))
	template.ResourceCountIs(jsii.String("AWS::ApiGatewayV2::Integration"), jsii.Number(6))
	template.ResourceCountIs(jsii.String("AWS::Lambda::Function"), jsii.Number(9))
}

func TestExpiryFunction(t *testing.T) {
	stack := newStack(t, nil)
	made := newTokenChat(stack, nil)
	template := templateOf(stack)

	rule := only(t, template, "AWS::Events::Rule")
	expectProperty(t, rule, "ScheduleExpression", "rate(1 minute)")
	target := properties(rule)["Targets"].([]any)[0].(map[string]any)
	if got := reference(target["Arn"]); got != "ChatExpiryFunction" {
		t.Errorf("the rule invokes %s", got)
	}
	permission := resource(t, template, "AWS::Lambda::Permission", "ChatExpiryFunctionSchedule")
	expectProperty(t, permission, "Principal", "events.amazonaws.com")
	if got := reference(properties(permission)["SourceArn"]); got != "ChatExpiryRule" {
		t.Errorf("%s may invoke the function", got)
	}
	function := functionOf(t, template, "expiry")
	expectProperty(t, function, "Timeout", "50")
	expectEnvironment(t, function, "ROOMCAST_CONNECTION_TABLE", "ROOMCAST_CALLBACK_URL")
	expectAllowed(t, template, "expiry", withLogs(slices.Concat(
		on("ChatConnectionTable", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchWriteItem", "dynamodb:DeleteItem"),
		on("arn:AWS::Partition:execute-api:AWS::Region:AWS::AccountId:ChatApi/prod/DELETE/@connections/*", "execute-api:ManageConnections"),
	), "ChatExpiry")...)
	if got := *made.chat.Expiry.MetricErrors(nil).MetricName(); got != "Errors" {
		t.Errorf("the metric of failures is %s", got)
	}
	expectConstruct(t, made.chat.Expiry)
}

func TestJwtAuthorizerOfAProvider(t *testing.T) {
	stack := newStack(t, nil)
	props := keys()
	props.Algorithms = jsii.Strings("ES256", "EdDSA")
	props.UserClaim = jsii.String("username")
	props.PermissionsClaim = jsii.String("https://chat.example/roomcast")
	props.LogRetention = awslogs.RetentionDays_THREE_DAYS
	props.Code = awslambda.Code_FromAsset(jsii.String("testdata"), nil)
	made := newTokenChat(stack, &props)
	template := templateOf(stack)

	if made.auth.Secret != nil {
		t.Error("there is a secret, though the provider has keys")
	}
	template.ResourceCountIs(jsii.String("AWS::SecretsManager::Secret"), jsii.Number(0))
	expectVariables(t, template, "authorizer", map[string]string{
		"AUTH_JWKS_URL": "https://issuer.example/jwks.json", "AUTH_ISSUER": "https://issuer.example/", "AUTH_AUDIENCE": "chat,admin",
		"AUTH_ALGORITHMS": "ES256,EdDSA", "AUTH_USER_CLAIM": "username", "AUTH_PERMISSIONS_CLAIM": "https://chat.example/roomcast",
	})
	expectEnvironment(t, functionOf(t, template, "authorizer"), "ROOMCAST_AUTH_JWKS_URL", "ROOMCAST_AUTH_ISSUER", "ROOMCAST_AUTH_AUDIENCE",
		"ROOMCAST_AUTH_ALGORITHMS", "ROOMCAST_AUTH_USER_CLAIM", "ROOMCAST_AUTH_PERMISSIONS_CLAIM", "ROOMCAST_CONNECTION_TABLE", "ROOMCAST_FRAME_RATE")
	expectAllowed(t, template, "authorizer", withLogs(refresh, "Auth")...)
	expectProperty(t, resource(t, template, "AWS::Logs::LogGroup", "AuthLogs"), "RetentionInDays", "3")

	byDefault := newStack(t, nil)
	other := keys()
	newTokenChat(byDefault, &other)
	expectVariables(t, templateOf(byDefault), "authorizer", map[string]string{"AUTH_ALGORITHMS": "RS256"})
}

// TestJwtAuthorizerFunction: an application's own function gets what
// Roomcast's would get, and takes its place.
func TestJwtAuthorizerFunction(t *testing.T) {
	stack := newStack(t, nil)
	own := NewGoFunction(stack, jsii.String("Decide"), &GoFunctionProps{Entry: jsii.String("lambdas/decide")})
	made := newTokenChat(stack, &JwtAuthorizerProps{Function: own.Function, Issuer: jsii.String("login"), Audience: jsii.Strings("chat")})
	template := templateOf(stack)

	if made.auth.Function != own.Function {
		t.Error("the authorizer has another function than the one it was given")
	}
	template.ResourceCountIs(jsii.String("AWS::Lambda::Function"), jsii.Number(9))
	expectVariables(t, template, "bootstrap", map[string]string{"AUTH_ISSUER": "login", "AUTH_AUDIENCE": "chat", "AUTH_ALGORITHMS": "HS256"})
	expectAllowed(t, template, "bootstrap", withLogs(slices.Concat(refresh, on("AuthSecret", "secretsmanager:GetSecretValue")), "Decide")...)
}

// TestJwtAuthorizerSecrets: with secrets that exist already, the function may
// read those and no others, and use their key.
func TestJwtAuthorizerSecrets(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"
	tests := []struct {
		name string
		make func(scope constructs.Construct) awssecretsmanager.ISecret
		may  []string
	}{
		{"by its ARN", func(scope constructs.Construct) awssecretsmanager.ISecret {
			return awssecretsmanager.Secret_FromSecretCompleteArn(scope, jsii.String("S"), jsii.String(arn+"login-AbCdEf"))
		}, on(arn+"login-AbCdEf", "secretsmanager:GetSecretValue")},
		{"by its name", func(scope constructs.Construct) awssecretsmanager.ISecret {
			return awssecretsmanager.Secret_FromSecretNameV2(scope, jsii.String("S"), jsii.String("login"))
		}, on("arn:AWS::Partition:secretsmanager:AWS::Region:AWS::AccountId:secret:login-??????", "secretsmanager:GetSecretValue")},
		{"with a key", func(scope constructs.Construct) awssecretsmanager.ISecret {
			return awssecretsmanager.NewSecret(scope, jsii.String("S"), &awssecretsmanager.SecretProps{EncryptionKey: newKey(scope)})
		}, slices.Concat(on("S", "secretsmanager:GetSecretValue"), on("Key", "kms:Decrypt"))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			stack := newStack(t, nil)
			secret := test.make(stack)
			made := newTokenChat(stack, &JwtAuthorizerProps{Secret: secret})
			if made.auth.Secret != secret {
				t.Error("the authorizer has another secret than the one it was given")
			}
			expectAllowed(t, templateOf(stack), "authorizer", withLogs(slices.Concat(refresh, test.may), "Auth")...)
		})
	}
}

func TestJwtAuthorizerInvalid(t *testing.T) {
	with := func(change func(p *JwtAuthorizerProps)) *JwtAuthorizerProps {
		p := keys()
		change(&p)
		return &p
	}
	other := newStack(t, nil)
	secret := awssecretsmanager.NewSecret(other, jsii.String("S"), nil)
	function := NewGoFunction(other, jsii.String("F"), &GoFunctionProps{Entry: jsii.String("f")}).Function
	tests := []struct {
		name  string
		props *JwtAuthorizerProps
		want  string
	}{
		{"keys and a secret", with(func(p *JwtAuthorizerProps) { p.Secret = secret }), `NewJwtAuthorizer "Auth": JwksUrl and Secret exclude each other`},
		{"no issuer", with(func(p *JwtAuthorizerProps) { p.Issuer = nil }), "Issuer is missing"},
		{"an empty issuer", with(func(p *JwtAuthorizerProps) { p.Issuer = jsii.String("") }), "Issuer is missing"},
		{"no audience", with(func(p *JwtAuthorizerProps) { p.Audience = nil }), "Audience is missing"},
		{"an empty audience", with(func(p *JwtAuthorizerProps) { p.Audience = jsii.Strings() }), "Audience is missing"},
		{"two audiences in one", with(func(p *JwtAuthorizerProps) { p.Audience = jsii.Strings("a,b") }), `invalid Audience "a,b": expected a value without commas and spaces`},
		{"plain HTTP", with(func(p *JwtAuthorizerProps) { p.JwksUrl = jsii.String("http://issuer.example/jwks") }), `invalid JwksUrl "http://issuer.example/jwks": expected an https URL, or an http URL of this machine`},
		{"no URL", with(func(p *JwtAuthorizerProps) { p.JwksUrl = jsii.String("jwks.json") }), ": expected an https URL"},
		{"a file", with(func(p *JwtAuthorizerProps) { p.JwksUrl = jsii.String("file:///etc/keys") }), ": expected an https URL"},
		{"no algorithm", with(func(p *JwtAuthorizerProps) { p.Algorithms = jsii.Strings() }), "invalid Algorithms: expected at least one"},
		{"a secret's algorithm", with(func(p *JwtAuthorizerProps) { p.Algorithms = jsii.Strings("RS256", "HS256") }), `invalid Algorithms "HS256": expected one of RS256, RS384,`},
		{"no signature", with(func(p *JwtAuthorizerProps) { p.Algorithms = jsii.Strings("none") }), `invalid Algorithms "none"`},
		{"a provider's algorithm", &JwtAuthorizerProps{Algorithms: jsii.Strings("RS256")}, "expected HS256, because there is no JwksUrl"},
		{"an empty issuer, with a secret", &JwtAuthorizerProps{Issuer: jsii.String("")}, `invalid Issuer ""`},
		{"an empty audience, with a secret", &JwtAuthorizerProps{Audience: jsii.Strings()}, "invalid Audience: expected at least one value"},
		{"no user", &JwtAuthorizerProps{UserClaim: jsii.String("")}, `invalid UserClaim "": expected the name of a claim, 1 to 128 characters`},
		{"no permissions", &JwtAuthorizerProps{PermissionsClaim: jsii.String(strings.Repeat("x", 129))}, "expected the name of a claim"},
		{"logs of another's function", &JwtAuthorizerProps{Function: function, LogRetention: awslogs.RetentionDays_ONE_DAY}, "Code and LogRetention have no effect"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expectPanic(t, test.want, func() { NewJwtAuthorizer(newStack(t, nil), jsii.String("Auth"), test.props) })
		})
	}
	// Of a provider on this machine, and of one that is known at deployment.
	for _, url := range []*string{jsii.String("http://127.0.0.1:8080/jwks"), awscdk.Fn_ImportValue(jsii.String("JwksUrl"))} {
		NewJwtAuthorizer(newStack(t, nil), jsii.String("Auth"), with(func(p *JwtAuthorizerProps) { p.JwksUrl = url }))
	}
}

func TestJwtAuthorizerWithoutChatApi(t *testing.T) {
	stack := newStack(t, nil)
	NewJwtAuthorizer(stack, jsii.String("Auth"), nil)
	expectPanic(t, "no ChatApi uses this JwtAuthorizer: pass it to one as Auth", func() { templateOf(stack) })
}

// TestExemptions: what breaks a rule of cdk-nag says why in the template.
func TestExemptions(t *testing.T) {
	stack := newStack(t, nil)
	newTokenChat(stack, nil)
	template := templateOf(stack)
	for resourceType, want := range map[string]string{
		"AWS::ApiGatewayV2::Stage":    "AwsSolutions-APIG1",
		"AWS::SecretsManager::Secret": "AwsSolutions-SMG4",
	} {
		metadata, _ := json.Marshal(only(t, template, resourceType)["Metadata"])
		if !strings.Contains(string(metadata), `"id":"`+want+`","reason":"`) {
			t.Errorf("the metadata of the %s is %s, want why it breaks %s", resourceType, metadata, want)
		}
	}
	for _, route := range all(template, "AWS::ApiGatewayV2::Route") {
		metadata, _ := json.Marshal(route["Metadata"])
		if guarded := properties(route)["RouteKey"] == "$connect"; strings.Contains(string(metadata), "APIG4") == guarded {
			t.Errorf("the metadata of the route %v is %s", properties(route)["RouteKey"], metadata)
		}
	}
}
