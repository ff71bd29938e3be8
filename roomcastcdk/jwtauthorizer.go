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

// JwtAuthorizer lets clients connect to a [ChatApi] with a JSON Web Token: of an
// identity provider such as Cognito or Auth0, whose keys it fetches, or of a
// backend of yours, signed with a shared secret. Pass it to one ChatApi as Auth.
//
// A client sends the token as the subprotocol after "roomcast", in the header
// Authorization, or as the query parameter token. Before the token expires, the
// client sends a newer one with the action refresh. Otherwise its connection is
// closed within a minute of the expiry.
type JwtAuthorizer struct {
	constructs.Construct

	// Function checks the tokens of $connect and of the action refresh.
	Function awslambda.Function
	// Secret is what tokens are signed with (HS256); nil with a JwksUrl. The
	// template has only its ARN. Only Function may read it: see
	// [JwtAuthorizer.GrantSignTokens].
	Secret awssecretsmanager.ISecret

	// api is the ChatApi it guards; nil until there is one.
	api *ChatApi
	// logs is the log group of Roomcast's function; nil with another function.
	logs awslogs.ILogGroup
}

var (
	_ constructs.Construct = (*JwtAuthorizer)(nil)
	_ Auth                 = (*JwtAuthorizer)(nil)
)

// NewJwtAuthorizer defines an authorizer of tokens. props may be nil: then tokens
// are signed with a new secret.
func NewJwtAuthorizer(scope constructs.Construct, id *string, props *JwtAuthorizerProps) *JwtAuthorizer {
	s := subject{"NewJwtAuthorizer", id}
	s.mustBePlaced(scope)
	p := props.withDefaults()
	made := p.settings()
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
		s.fail("Function already checks the tokens of the JwtAuthorizer %q, and its environment has room for one: give each its own function", *use.judges.Node().Path())
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

// newSecret makes Secrets Manager generate the secret, so that no template has it.
// It is deleted with its stack, because only the API of that stack accepts it.
func (j *JwtAuthorizer) newSecret() awssecretsmanager.Secret {
	secret := awssecretsmanager.NewSecret(j, jsii.String("Secret"), &awssecretsmanager.SecretProps{
		Description: jsii.String("Signs the tokens with which clients connect (HS256)."),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{
			PasswordLength:     jsii.Number(64),
			ExcludePunctuation: jsii.Bool(true),
		},
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	exempt(secret, exemption{rule: "AwsSolutions-SMG4", reason: "The backend that signs the tokens must switch to a new secret at the same time. " +
		"A scheduled rotation would lock every client out."})
	return secret
}

// GrantSignTokens permits a principal to read the secret that tokens are signed
// with, such as the function behind your login. It permits nothing else with the
// secret. The principal finds the secret by its ARN: pass Secret.SecretArn to it.
// It panics if a JwksUrl is set: then only the provider signs tokens.
func (j *JwtAuthorizer) GrantSignTokens(grantee awsiam.IGrantable) awsiam.Grant {
	s := subject{"GrantSignTokens", j.Node().Path()}
	s.mustName(grantee)
	if j.Secret == nil {
		s.fail("there is no secret, because JwksUrl is set: let the identity provider sign the tokens")
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

// IsOpen returns false: clients need a token.
func (j *JwtAuthorizer) IsOpen() bool { return false }

// guard makes the authorizer of the API. It has no identity source: API Gateway
// refuses requests that lack one of the sources, but the token may be in any of
// three places.
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
