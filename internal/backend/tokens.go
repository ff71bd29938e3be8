package backend

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
)

// TokenConfig says which tokens are good. It has either SecretARN or JWKSURL; what is
// empty besides has the default of [token.Config].
type TokenConfig struct {
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

// authFromEnv reads, by getenv, which tokens are good.
func authFromEnv(getenv func(string) string) (TokenConfig, error) {
	a := TokenConfig{
		SecretARN: getenv(settings.AuthSecretARN), JWKSURL: getenv(settings.AuthJWKSURL),
		Issuer: getenv(settings.AuthIssuer), Audience: getenv(settings.AuthAudience),
		Algorithms: getenv(settings.AuthAlgorithms),
		UserClaim:  getenv(settings.AuthUserClaim), PermissionsClaim: getenv(settings.AuthPermissionsClaim),
	}
	switch {
	case a.SecretARN == "" && a.JWKSURL == "":
		return TokenConfig{}, &MissingError{Variable: settings.AuthSecretARN + " or " + settings.AuthJWKSURL}
	case a.SecretARN != "" && a.JWKSURL != "":
		return TokenConfig{}, fmt.Errorf("both environment variables %s and %s are set: leave one out", settings.AuthSecretARN, settings.AuthJWKSURL)
	}
	return a, nil
}

// Verifier returns what checks the tokens that a describes. It makes no call.
// Whoever decides about permissions in another way than by a claim leaves the
// claim unread.
func (a TokenConfig) Verifier(cfg aws.Config, decided bool) (*token.Verifier, error) {
	c := token.Config{
		JWKSURL: a.JWKSURL, Issuer: a.Issuer, Audience: list(a.Audience), Algorithms: list(a.Algorithms),
		UserClaim: a.UserClaim, PermissionsClaim: a.PermissionsClaim, NoPermissions: decided,
	}
	if a.SecretARN != "" {
		c.Secrets = Secrets(cfg, a.SecretARN)
	}
	return token.NewVerifier(c)
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
	client := secretsmanager.NewFromConfig(cfg, func(o *secretsmanager.Options) {
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = secretTries })
	})
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
