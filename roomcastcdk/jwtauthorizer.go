package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
)

// JwtAuthorizer lets those into a [ChatApi] who show a JSON Web Token: of a
// provider such as Cognito or Auth0, whose keys it gets from a URL, or of your
// own service, signed with a secret that both know. Pass it to the ChatApi as
// Auth. It serves one ChatApi.
//
// A client gives the token in the query, as `token`, or as the subprotocol
// after `roomcast`, which keeps it out of logs of URLs, or, if it is no browser,
// in the header Authorization. Before the token ends
// the client sends another by the action refresh; else its connection is
// closed within a minute.
type JwtAuthorizer struct {
	constructs.Construct

	// Function judges the tokens, of $connect and of the action refresh.
	Function awslambda.Function
	// Secret is what tokens are signed with (HS256); nil with a JwksUrl. Only
	// its ARN is in the template, and only Function may read it: permit what
	// signs tokens by its GrantRead.
	Secret awssecretsmanager.ISecret

	// api is the ChatApi it guards; nil until there is one.
	api *ChatApi
	// logs is where Roomcast's own function writes; nil with another function.
	logs awslogs.ILogGroup
}

var (
	_ constructs.Construct = (*JwtAuthorizer)(nil)
	_ Auth                 = (*JwtAuthorizer)(nil)
)

// NewJwtAuthorizer defines who may connect by a token. props may be nil: then
// tokens are signed with a new secret.
func NewJwtAuthorizer(scope constructs.Construct, id *string, props *JwtAuthorizerProps) *JwtAuthorizer {
	p := props.withDefaults()
	s, made := subject{"NewJwtAuthorizer", id}, p.settings()
	p.mustBeValid(s)

	j := &JwtAuthorizer{Function: p.Function, Secret: p.Secret}
	constructs.NewConstruct_Override(j, scope, id)
	if j.Secret == nil && p.JwksUrl == nil {
		j.Secret = j.newSecret()
	}
	if j.Function == nil {
		j.Function, j.logs = newFunction(j, functionSpec{
			FunctionDefaults: *made,
			code:             handlersCode(j, p.Code, made.Architecture),
			handler:          routes.Authorizer,
		})
	}
	use := useOf(j.Function)
	if use.judges != nil {
		s.fail("Function already judges the tokens of the JwtAuthorizer %q, and its environment holds the settings of one: give each its own function", *use.judges.Node().Path())
	}
	use.judges = j
	for name, value := range p.env() {
		setVariable(j, j.Function, name, value)
	}
	if j.Secret != nil {
		setVariable(j, j.Function, settings.AuthSecretARN, j.Secret.SecretArn())
		grantSecret(j.Secret, j.Function)
	}
	j.Node().AddValidation(&mustHaveApi{"JwtAuthorizer", "Auth", &j.api})
	return j
}

// newSecret lets Secrets Manager make the secret, so that it is in no template.
// It goes with its stack, since it opens nothing but the API of that stack.
func (j *JwtAuthorizer) newSecret() awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(j, jsii.String("Secret"), &awssecretsmanager.SecretProps{
		Description: jsii.String("Signs the tokens that let clients connect (HS256)."),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			PasswordLength:     jsii.Number(64),
			ExcludePunctuation: jsii.Bool(true),
		},
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	exempt(secret, exemption{rule: "AwsSolutions-SMG4", reason: "Whoever signs the tokens has to take a new secret at the same time, " +
		"which only they can time: a rotation by the clock would lock every client out."})
	return secret
}

// GrantSignTokens permits a principal to read the secret that tokens are signed
// with, such as the function behind your login. It permits nothing else with the
// secret. The principal finds the secret by its ARN: pass Secret.SecretArn to it.
// It panics if a JwksUrl is set: then only the provider signs tokens.
func (j *JwtAuthorizer) GrantSignTokens(grantee awsiam.IGrantable) awsiam.Grant {
	s := subject{"GrantSignTokens", j.Node().Path()}
	s.mustHaveGrantee(grantee)
	if j.Secret == nil {
		s.fail("there is no secret, because the keys of JwksUrl check the tokens: let the provider sign them")
	}
	return grantSecret(j.Secret, grantee)
}

// grantSecret permits a principal to read the value of a secret, and nothing
// else of it.
func grantSecret(secret awssecretsmanager.ISecret, grantee awsiam.IGrantable) awsiam.Grant {
	arn := secret.SecretArn()
	if secret.SecretFullArn() == nil {
		// Imported by name: the real ARN has six characters more.
		arn = jsii.String(*arn + "-??????")
	}
	grant := awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings("secretsmanager:GetSecretValue"),
		ResourceArns: &[]*string{arn},
	})
	if key := secret.EncryptionKey(); key != nil {
		grant = grant.Combine(grantKey(key, secret, grantee, "secretsmanager", "kms:Decrypt"))
	}
	return grant
}

// IsOpen reports that not everybody may connect.
func (j *JwtAuthorizer) IsOpen() bool { return false }

// guard makes the authorizer of the API. It names no identity source: API
// Gateway would refuse every request that lacks one of them, and the token may
// be in one place or another.
func (j *JwtAuthorizer) guard(c *ChatApi) awsapigatewayv2.IWebSocketRouteAuthorizer {
	j.api = c
	stack := awscdk.Stack_Of(c)
	authorizer := awsapigatewayv2.NewCfnAuthorizer(c, jsii.String("Authorizer"), &awsapigatewayv2.CfnAuthorizerProps{
		ApiId:          c.Api.ApiId(),
		AuthorizerType: jsii.String("REQUEST"),
		Name:           jsii.String("token"),
		AuthorizerUri: stack.FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("apigateway"),
			Account:      jsii.String("lambda"),
			Resource:     jsii.String("path/2015-03-31/functions"),
			ResourceName: jsii.String(*j.Function.FunctionArn() + "/invocations"),
		}),
	})
	j.Function.AddPermission(jsii.String("Authorize"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("apigateway.amazonaws.com"), nil),
		SourceArn: stack.FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("execute-api"),
			Resource:     c.Api.ApiId(),
			ResourceName: jsii.String("authorizers/" + *authorizer.Ref()),
		}),
	})
	return awsapigatewayv2.WebSocketAuthorizer_FromWebSocketAuthorizerAttributes(c, jsii.String("Guard"), &awsapigatewayv2.WebSocketAuthorizerAttributes{
		AuthorizerId:   authorizer.Ref(),
		AuthorizerType: jsii.String("CUSTOM"),
	})
}
