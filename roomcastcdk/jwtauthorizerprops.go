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
	// JwksUrl is where the provider publishes its keys, such as
	// "https://example.eu.auth0.com/.well-known/jwks.json". Not with Secret.
	// Default: tokens are signed with Secret.
	JwksUrl *string

	// Issuer is the claim iss that a token has to have, letter by letter.
	// Required with JwksUrl.
	// Default: any issuer.
	Issuer *string

	// Audience are the values of which a token's claim aud has to hold one; a
	// token without aud, as Cognito's access tokens are, needs it as client_id.
	// Required with JwksUrl, since a provider signs tokens for other
	// applications too.
	// Default: any audience.
	Audience *[]*string

	// Algorithms are the signatures that are accepted: RS256, RS384, RS512,
	// PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA with JwksUrl, and
	// nothing but HS256 with a secret.
	// Default: RS256 with JwksUrl, HS256 with a secret.
	Algorithms *[]*string

	// Secret is an existing secret that tokens are signed with: a text of 32
	// bytes or more. Not with JwksUrl.
	// Default: Secrets Manager makes one of 64 letters and digits, unless there
	// is a JwksUrl.
	Secret awssecretsmanager.ISecret

	// UserClaim is the claim that names the user, 1 to 128 characters.
	// Default: "sub".
	UserClaim *string

	// PermissionsClaim is the claim that says what the user may do, 1 to 128
	// characters. A token without it permits every room and to notify nobody.
	// Default: "roomcast".
	PermissionsClaim *string

	// Function decides instead of Roomcast's own function. It is a program of
	// yours that calls authorize.Start, such as the Function of a [GoFunction].
	// Default: the claims of the token decide.
	Function awslambda.Function

	// LogRetention is how long the logs of Roomcast's own function are kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// FunctionDefaults configures Roomcast's own function. Not with Function.
	// Default: those of [FunctionDefaults].
	FunctionDefaults *FunctionDefaults

	// Code is a folder asset with Roomcast's program, the file bootstrap, built
	// for the function's architecture.
	// Default: it is compiled from this module's source.
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

// settings returns how the function is made.
func (p JwtAuthorizerProps) settings() *FunctionDefaults {
	own := FunctionDefaults{LogRetention: p.LogRetention}
	made := own.over(p.FunctionDefaults.over(foreground()))
	return &made
}

// env returns the environment variables that p stands for, without the secret's
// ARN, which comes with the permission to read it.
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

// publicKeyAlgorithms are the signatures that a provider's public key checks.
var publicKeyAlgorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

func (p JwtAuthorizerProps) mustBeValid(s subject) {
	if p.JwksUrl == nil {
		p.mustBeValidWithSecret(s)
	} else {
		p.mustBeValidWithKeys(s)
	}
	for _, value := range valuesOf(p.Audience) {
		if value == "" || strings.ContainsAny(value, ", ") {
			s.fail("Audience must not hold an empty value nor one with a comma or a space, got %q", value)
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
	p.FunctionDefaults.mustBeValid(s, "FunctionDefaults ")
	p.settings().mustBeValid(s, "")
}

func (p JwtAuthorizerProps) mustBeValidWithKeys(s subject) {
	switch {
	case p.Secret != nil:
		s.fail("JwksUrl and Secret exclude each other: tokens are signed with a provider's key or with a shared secret")
	case p.Issuer == nil || *p.Issuer == "":
		s.fail("Issuer is missing: name the iss of the provider's tokens, which is mostly the start of its JwksUrl")
	case len(valuesOf(p.Audience)) == 0:
		s.fail("Audience is missing: name the aud (or the client_id) of this application's tokens, " +
			"else everybody with a token for another application of the provider gets in")
	case !*awscdk.Token_IsUnresolved(*p.JwksUrl) && !secureURL(*p.JwksUrl):
		s.fail("JwksUrl must be an https URL, or an http one on this machine, got %q", *p.JwksUrl)
	case len(valuesOf(p.Algorithms)) == 0:
		s.fail("Algorithms must not be empty: leave it out for RS256")
	}
	for _, algorithm := range valuesOf(p.Algorithms) {
		if !slices.Contains(publicKeyAlgorithms, algorithm) {
			s.fail("Algorithms must be of %s, got %q", strings.Join(publicKeyAlgorithms, ", "), algorithm)
		}
	}
}

func (p JwtAuthorizerProps) mustBeValidWithSecret(s subject) {
	if p.Algorithms != nil && !slices.Equal(valuesOf(p.Algorithms), []string{"HS256"}) {
		s.fail("Algorithms must be HS256 without a JwksUrl, got %q: name the JwksUrl, or leave Algorithms out", valuesOf(p.Algorithms))
	}
	if p.Issuer != nil && *p.Issuer == "" {
		s.fail("Issuer must not be empty: leave it out to accept any")
	}
	if p.Audience != nil && len(*p.Audience) == 0 {
		s.fail("Audience must not be empty: leave it out to accept any")
	}
}

// claim demands the name of a claim.
func (s subject) claim(prop string, name *string) {
	if *name == "" || len(*name) > 128 {
		s.fail("%s must be the name of a claim, 1 to 128 characters, got %q", prop, *name)
	}
}

// secureURL reports whether nobody on the way can change what is read from a
// URL: keys that anybody can change let anybody in.
func secureURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	host := u.Hostname()
	return u.Scheme == "https" || u.Scheme == "http" && (host == "localhost" || host == "127.0.0.1" || host == "::1")
}

// valuesOf returns the texts of a list of CDK's, which may be nil.
func valuesOf(list *[]*string) []string {
	var values []string
	if list != nil {
		for _, value := range *list {
			values = append(values, *value)
		}
	}
	return values
}
