package token

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

// The keys of the tests, made once: RSA keys are slow to make.
var (
	rsaKey, rsaOther, rsaShort = makeRSA(2048), makeRSA(2048), makeRSA(1024)
	rsaEvil                    = makeRSA(2048) // not published
	ecKey, _                   = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	_, edKey, _                = ed25519.GenerateKey(rand.Reader)
)

func makeRSA(bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return k
}

const (
	secret = "0123456789abcdefghijklmnopqrstuv"
	issuer = "https://issuer.example/"
	forUs  = "chat"
)

// clock is a clock that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Unix(1_790_000_000, 0)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// good returns valid claims with changes; a nil removes one.
func good(c *clock, changes ...map[string]any) map[string]any {
	now := c.Now().Unix()
	claims := map[string]any{"sub": "ada", "iss": issuer, "aud": forUs, "iat": now, "nbf": now, "exp": now + 3600}
	for _, change := range changes {
		maps.Copy(claims, change)
	}
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

func named(id string) map[string]any { return map[string]any{"kid": id} }

func newVerifier(t testing.TB, c Config) *Verifier {
	t.Helper()
	v, err := NewVerifier(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// withKeys returns a verifier of a provider's tokens.
func withKeys(t testing.TB, c *clock, p *tokentest.Provider, algorithms ...string) *Verifier {
	t.Helper()
	return newVerifier(t, Config{
		JWKSURL: p.URL, Issuer: issuer, Audience: []string{"other", forUs}, Algorithms: algorithms, Now: c.Now,
	})
}

// withSecret returns a verifier of tokens that are signed with the secret.
func withSecret(t testing.TB, c *clock) *Verifier {
	t.Helper()
	return newVerifier(t, Config{
		Secrets: func(context.Context) ([]string, error) { return []string{secret}, nil },
		Issuer:  issuer, Audience: []string{forUs}, Now: c.Now,
	})
}

func mint(t testing.TB, secret string, claims map[string]any) string {
	t.Helper()
	text, err := Mint(secret, claims)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
