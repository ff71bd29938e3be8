package token

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/protocol"
)

// The defaults of the claims.
const (
	DefaultUserClaim        = "sub"
	DefaultPermissionsClaim = "roomcast"
)

// Config says which tokens are valid. It has either Secrets or JWKSURL.
type Config struct {
	// Secrets returns the shared secrets that sign tokens (HS256): the current
	// one, and previous ones that are still valid. Each has at least [MinSecret]
	// bytes. They are kept for 5 minutes.
	Secrets func(context.Context) ([]string, error)
	// JWKSURL is where the issuer publishes its public keys: https, or http on
	// this machine. They are kept for an hour.
	JWKSURL string
	// Algorithms lists the accepted signature algorithms. Default: HS256 with
	// Secrets, which allow no other, and RS256 with JWKSURL.
	Algorithms []string
	// Issuer is the required iss of a token. Required with JWKSURL. Default: any.
	Issuer string
	// Audience lists accepted values: a token's aud, or its client_id if it has no
	// aud, has to contain one. Required with JWKSURL. Default: any.
	Audience []string
	// UserClaim is the claim that names the user. Default: [DefaultUserClaim].
	UserClaim string
	// PermissionsClaim is the claim that holds the permissions; a token without
	// it has permission.Default. Default: [DefaultPermissionsClaim].
	PermissionsClaim string
	// NoPermissions ignores that claim: something else decides.
	NoPermissions bool
	// Now returns the time. Default: time.Now.
	Now func() time.Time
}

// Verifier verifies tokens. It is safe for concurrent use.
type Verifier struct {
	config Config
	keys   *keyCache
	parser *jwt.Parser
}

// NewVerifier returns a verifier. It fetches nothing yet. The error says what is
// wrong with the configuration.
func NewVerifier(c Config) (*Verifier, error) {
	if (c.Secrets == nil) == (c.JWKSURL == "") {
		return nil, errors.New("tokens are verified either with shared secrets or with the keys at a URL: configure one of them")
	}
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	v := &Verifier{config: c, parser: jwt.NewParser(
		jwt.WithValidMethods(c.Algorithms), jwt.WithStrictDecoding(), jwt.WithoutClaimsValidation(),
	)}
	if c.Secrets != nil {
		v.keys = newKeyCache(keepSecrets, c.Now, fetchSecrets(c.Secrets))
	} else {
		v.keys = newKeyCache(keepKeys, c.Now, fetchKeys(c.JWKSURL, c.Algorithms))
	}
	return v, nil
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		// A Lambda function's monotonic clock may stop while it is frozen.
		c.Now = func() time.Time { return time.Now().Round(0) }
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = []string{rs256}
		if c.Secrets != nil {
			c.Algorithms = []string{hs256}
		}
	}
	c.UserClaim = cmp.Or(c.UserClaim, DefaultUserClaim)
	c.PermissionsClaim = cmp.Or(c.PermissionsClaim, DefaultPermissionsClaim)
	return c
}

func (c Config) check() error {
	for _, a := range c.Algorithms {
		switch {
		case c.Secrets != nil && a != hs256:
			return fmt.Errorf("the algorithm of a shared secret is %s, got %q", hs256, a)
		case c.Secrets == nil && publicFits[a] == nil:
			return fmt.Errorf("no algorithm %q for keys at a URL: choose RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA", a)
		}
	}
	if slices.Contains(c.Audience, "") {
		return errors.New("an audience must not be empty")
	}
	if c.Secrets != nil {
		return nil
	}
	if err := checkKeysURL(c.JWKSURL); err != nil {
		return fmt.Errorf("the URL of the keys %w", err)
	}
	if c.Issuer == "" || len(c.Audience) == 0 {
		return errors.New("keys at a URL need an issuer and an audience: its tokens for other applications are signed with them too")
	}
	return nil
}

// Verify verifies a token. The error is a [Reason], or an [ErrUnavailable] with
// its cause; neither has anything of the token.
func (v *Verifier) Verify(ctx context.Context, text string) (Claims, error) {
	if len(text) > protocol.MaxToken {
		return Claims{}, TooLarge
	}
	h, err := readHeader(text)
	if err != nil {
		return Claims{}, err
	}
	if !slices.Contains(v.config.Algorithms, h.algorithm) {
		return Claims{}, Algorithm
	}
	keys, fetches, err := v.keys.get(ctx, 0)
	if err != nil {
		return Claims{}, err
	}
	claims, err := v.signed(text, h, keys)
	if err == UnknownKey || err == Signature {
		// The keys may have changed since.
		if newer, n, failed := v.keys.get(ctx, fetches); failed == nil && n > fetches {
			claims, err = v.signed(text, h, newer)
		}
	}
	if err != nil {
		return Claims{}, err
	}
	raw, err := v.payload(text)
	if err != nil {
		return Claims{}, err
	}
	return v.read(claims, raw)
}

// signed checks the signature, and returns the claims.
func (v *Verifier) signed(text string, h header, keys []key) (map[string]any, error) {
	set := jwt.VerificationKeySet{Keys: candidates(keys, h)}
	if len(set.Keys) == 0 {
		return nil, UnknownKey
	}
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) { return set, nil })
	switch {
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return nil, Signature
	case err != nil:
		return nil, Malformed
	}
	return claims, nil
}

// payload reads the claims undecoded.
func (v *Verifier) payload(text string) (map[string]json.RawMessage, error) {
	_, rest, _ := strings.Cut(text, ".")
	part, _, _ := strings.Cut(rest, ".")
	return readObject(part)
}
