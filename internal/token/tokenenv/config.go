// Package tokenenv reads which tokens are valid from a function's environment,
// and fetches the secret. Package token verifies tokens.
package tokenenv

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/roomcast/roomcast/internal/backend"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
)

// Config says which tokens are valid. It has either SecretARN or JWKSURL; other
// empty fields have the defaults of [token.Config].
type Config struct {
	// SecretARN names the Secrets Manager secret that signs tokens.
	SecretARN string
	// JWKSURL is where the issuer publishes its keys.
	JWKSURL string
	// Issuer is the iss of tokens, and Audience lists accepted values of their aud
	// or client_id, separated by commas.
	Issuer, Audience string
	// Algorithms lists the accepted signature algorithms, separated by commas.
	Algorithms string
	// UserClaim and PermissionsClaim name claims.
	UserClaim, PermissionsClaim string
}

// FromEnv reads which tokens are valid through getenv. The error is a
// [*backend.MissingError] if neither a secret nor a URL is set.
func FromEnv(getenv func(string) string) (Config, error) {
	c := Config{
		SecretARN: getenv(settings.AuthSecretARN), JWKSURL: getenv(settings.AuthJWKSURL),
		Issuer: getenv(settings.AuthIssuer), Audience: getenv(settings.AuthAudience),
		Algorithms: getenv(settings.AuthAlgorithms),
		UserClaim:  getenv(settings.AuthUserClaim), PermissionsClaim: getenv(settings.AuthPermissionsClaim),
	}
	switch {
	case c.SecretARN == "" && c.JWKSURL == "":
		return Config{}, &backend.MissingError{Variable: settings.AuthSecretARN + " or " + settings.AuthJWKSURL}
	case c.SecretARN != "" && c.JWKSURL != "":
		return Config{}, fmt.Errorf("both environment variables %s and %s are set: leave one out", settings.AuthSecretARN, settings.AuthJWKSURL)
	}
	return c, nil
}

// Verifier returns the verifier of the tokens that c describes. It makes no
// call. If something else than a claim decides about permissions, the claim is
// not read.
func (c Config) Verifier(cfg aws.Config, decided bool) (*token.Verifier, error) {
	checked := token.Config{
		JWKSURL: c.JWKSURL, Issuer: c.Issuer, Audience: list(c.Audience), Algorithms: list(c.Algorithms),
		UserClaim: c.UserClaim, PermissionsClaim: c.PermissionsClaim, NoPermissions: decided,
	}
	if c.SecretARN != "" {
		checked.Secrets = Secrets(cfg, c.SecretARN)
	}
	return token.NewVerifier(checked)
}

// list splits a setting of several values.
func list(setting string) []string {
	if setting == "" {
		return nil
	}
	return strings.Split(setting, ",")
}

const (
	// The stages of a secret's versions: the current one, and the previous one,
	// which signed tokens that may not have expired yet.
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
	// secretTries is small, because a handshake waits for the secret.
	secretTries = 2
)

// Secrets returns a function that fetches a secret's current value, and the
// previous one if there is one. It needs secretsmanager:GetSecretValue on the
// secret.
func Secrets(cfg aws.Config, arn string) func(context.Context) ([]string, error) {
	cfg = backend.Tuned(cfg)
	client := secretsmanager.NewFromConfig(cfg, func(o *secretsmanager.Options) { o.RetryMaxAttempts = secretTries })
	fetch := func(ctx context.Context, stage string) (string, error) {
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn, VersionStage: &stage})
		if err != nil {
			return "", fmt.Errorf("get the secret %s: %w", arn, err)
		}
		return aws.ToString(out.SecretString), nil
	}
	return func(ctx context.Context) ([]string, error) {
		current, err := fetch(ctx, stageCurrent)
		if err != nil {
			return nil, err
		}
		previous, err := fetch(ctx, stagePrevious)
		var none *types.ResourceNotFoundException
		switch {
		case errors.As(err, &none): // it was never rotated
			return []string{current}, nil
		case err != nil:
			return nil, err
		}
		return []string{current, previous}, nil
	}
}
