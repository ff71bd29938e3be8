package roomcastcdk

import (
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
)

// JwtAuthorizerProps configures a JwtAuthorizer.
type JwtAuthorizerProps struct {
	// JwksUrl is the URL of the identity provider's keys, such as
	// "https://example.eu.auth0.com/.well-known/jwks.json". It cannot be combined
	// with Secret.
	// Default: tokens are signed with Secret.
	JwksUrl *string

	// Issuer is the claim iss that tokens must have, compared exactly. Required
	// with JwksUrl.
	// Default: any issuer.
	Issuer *string

	// Audience lists the accepted values of the claim aud: a token must have one of
	// them. If a token has no aud, like Cognito's access tokens, its client_id is
	// compared. Required with JwksUrl, because a provider signs tokens for other
	// applications too. The list must be known during synthesis.
	// Default: any audience.
	Audience *[]*string

	// Algorithms are the accepted signature algorithms. With JwksUrl: RS256, RS384,
	// RS512, PS256, PS384, PS512, ES256, ES384, ES512 and EdDSA. With a secret: HS256.
	// Default: RS256 with JwksUrl, else HS256.
	Algorithms *[]*string

	// Secret is an existing secret that tokens are signed with: a string of 32
	// bytes or more. It cannot be combined with JwksUrl.
	// Default: Secrets Manager makes one of 64 letters and digits, unless JwksUrl is
	// set.
	Secret awssecretsmanager.ISecret

	// UserClaim is the claim with the user's id, 1 to 128 characters. Users must not
	// be able to choose its value.
	// Default: "sub".
	UserClaim *string

	// PermissionsClaim is the claim with the user's permissions, 1 to 128
	// characters. A token without it permits everything with every room, and no
	// notifications.
	// Default: "roomcast".
	PermissionsClaim *string

	// Function is a function of yours that checks tokens and decides about
	// permissions, instead of Roomcast's. Its program calls authorize.Start, for
	// example in a [GoFunction]. A function can serve one JwtAuthorizer.
	// Default: the claims of the token decide.
	Function awslambda.Function

	// LogRetention is how long the logs of Roomcast's function are kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// FunctionDefaults configures Roomcast's function. It cannot be combined with
	// Function.
	// Default: the defaults of [FunctionDefaults].
	FunctionDefaults *FunctionDefaults

	// Code is an asset with Roomcast's program, the file bootstrap, built for the
	// function's architecture. It cannot be combined with Function.
	// Default: the program is compiled from the source of this module.
	Code awslambda.Code
}

func (p *JwtAuthorizerProps) withDefaults() JwtAuthorizerProps {
	var d JwtAuthorizerProps
	if p != nil {
		d = *p
	}
	if d.JwksUrl != nil {
		d.Algorithms = orDefault(d.Algorithms, jsii.Strings("RS256"))
	}
	d.UserClaim = orDefault(d.UserClaim, jsii.String("sub"))
	d.PermissionsClaim = orDefault(d.PermissionsClaim, jsii.String("roomcast"))
	return d
}

// settings returns the function's own props over FunctionDefaults.
func (p JwtAuthorizerProps) settings() *FunctionDefaults {
	own := FunctionDefaults{LogRetention: p.LogRetention}
	made := own.over(p.FunctionDefaults.over(foreground()))
	return &made
}

// env returns the props as environment variables. The secret's ARN is set with the
// permission to read it.
func (p JwtAuthorizerProps) env() map[string]*string {
	env := map[string]*string{
		settings.AuthUserClaim:        p.UserClaim,
		settings.AuthPermissionsClaim: p.PermissionsClaim,
		settings.AuthAlgorithms:       jsii.String("HS256"),
	}
	if p.JwksUrl != nil {
		env[settings.AuthJWKSURL] = p.JwksUrl
		env[settings.AuthAlgorithms] = jsii.String(strings.Join(valuesOf(p.Algorithms), ","))
	}
	if p.Issuer != nil {
		env[settings.AuthIssuer] = p.Issuer
	}
	if p.Audience != nil {
		env[settings.AuthAudience] = jsii.String(strings.Join(valuesOf(p.Audience), ","))
	}
	return env
}

// publicKeyAlgorithms are the signatures that a public key verifies.
var publicKeyAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

func (p JwtAuthorizerProps) mustBeValid(s subject) {
	s.values("Algorithms", p.Algorithms)
	s.values("Audience", p.Audience)
	if p.JwksUrl == nil {
		p.mustBeValidWithSecret(s)
	} else {
		p.mustBeValidWithKeys(s)
	}
	for _, value := range valuesOf(p.Audience) {
		if value == "" || strings.ContainsAny(value, ", ") {
			s.fail("invalid Audience %q: expected a value without commas and spaces", value)
		}
	}
	s.claim("UserClaim", p.UserClaim)
	s.claim("PermissionsClaim", p.PermissionsClaim)
	if p.Function != nil && (p.Code != nil || p.LogRetention != "") {
		s.fail("Code and LogRetention have no effect on the Function that was passed: set them where it is defined")
	}
	if p.Function != nil && p.FunctionDefaults != nil {
		s.fail("FunctionDefaults has no effect on the Function that was passed: set it where that is defined")
	}
	p.FunctionDefaults.mustBeValid(s, "FunctionDefaults.")
	p.settings().mustBeValid(s, "")
}

func (p JwtAuthorizerProps) mustBeValidWithKeys(s subject) {
	switch {
	case p.Secret != nil:
		s.fail("JwksUrl and Secret exclude each other: tokens are signed with a provider's key or with a shared secret")
	case p.Issuer == nil || *p.Issuer == "":
		s.fail("Issuer is missing: set the claim iss of the provider's tokens, usually the start of its JwksUrl")
	case len(valuesOf(p.Audience)) == 0:
		s.fail("Audience is missing: set the claim aud, or the client_id, of this application's tokens; " +
			"without it anybody with a token for another application of the provider could connect")
	case !*awscdk.Token_IsUnresolved(*p.JwksUrl) && !secureUrl(*p.JwksUrl):
		s.fail("invalid JwksUrl %q: expected an https URL, or an http URL of this machine", *p.JwksUrl)
	case len(valuesOf(p.Algorithms)) == 0:
		s.fail("invalid Algorithms: expected at least one; leave it out for RS256")
	}
	for _, algorithm := range valuesOf(p.Algorithms) {
		if !slices.Contains(publicKeyAlgorithms, algorithm) {
			s.fail("invalid Algorithms %q: expected one of %s", algorithm, strings.Join(publicKeyAlgorithms, ", "))
		}
	}
}

func (p JwtAuthorizerProps) mustBeValidWithSecret(s subject) {
	if p.Algorithms != nil && !slices.Equal(valuesOf(p.Algorithms), []string{"HS256"}) {
		s.fail("invalid Algorithms %q: expected HS256, because there is no JwksUrl; set JwksUrl, or leave Algorithms out", valuesOf(p.Algorithms))
	}
	if p.Issuer != nil && *p.Issuer == "" {
		s.fail("invalid Issuer \"\": expected the claim iss of the tokens; leave it out to accept any")
	}
	if p.Audience != nil && len(*p.Audience) == 0 {
		s.fail("invalid Audience: expected at least one value; leave it out to accept any")
	}
}

// claim requires the name of a claim.
func (s subject) claim(prop string, name *string) {
	if *name == "" || len(*name) > 128 {
		s.fail("invalid %s %q: expected the name of a claim, 1 to 128 characters", prop, *name)
	}
}

// secureUrl reports whether what is read from a URL cannot be changed on the way:
// anybody who could change the keys could connect.
func secureUrl(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// valuesOf returns the strings of a CDK list, which may be nil.
func valuesOf(list *[]*string) []string {
	var values []string
	if list != nil {
		for _, value := range *list {
			values = append(values, *value)
		}
	}
	return values
}
