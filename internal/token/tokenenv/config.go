// Package tokenenv reads the configuration
// that the constructs give it, and fetches the secret. Package token checks them.
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

// Config says which tokens are good. It has either SecretARN or JWKSURL; what is
// empty besides has the default of [token.Config].
type Config struct {
	// SecretARN names the secret of Secrets Manager that tokens are signed with.
	SecretARN string
	// JWKSURL is where the issuer publishes its keys.
	JWKSURL string
	// Issuer is the iss of tokens, and Audience their aud or client_id: one of
	// several, separated by commas.
	Issuer, Audience string
	// Algorithms are the signatures that are taken, separated by commas.
	Algorithms string
	// UserClaim and PermissionsClaim name claims.
	UserClaim, PermissionsClaim string
}

// FromEnv reads, by getenv, which tokens are good. The error is a
// [*backend.MissingError] where neither a secret nor a URL is set.
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

// Verifier returns what checks the tokens that c describes. It makes no call.
// Whoever decides about permissions in another way than by a claim leaves the
// claim unread.
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

// list takes apart a setting of several values.
func list(setting string) []string {
	if setting == "" {
		return nil
	}
	return strings.Split(setting, ",")
}

const (
	// The stages of a secret's versions: the one in use, and the one before,
	// with which tokens were signed that have not ended yet.
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
	// secretTries are few: whoever waits for the secret waits for a handshake.
	secretTries = 2
)

// Secrets returns what fetches a secret: the value in use, and the one before
// it, if there was one. It needs secretsmanager:GetSecretValue on the secret.
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
