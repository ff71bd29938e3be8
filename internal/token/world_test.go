package token

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"
)

// The keys of the tests: RSA keys are slow to make.
var (
	rsaKey, rsaOther, rsaShort = makeRSA(2048), makeRSA(2048), makeRSA(1024)
	rsaEvil                    = makeRSA(2048) // nobody publishes it
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

// clock is a clock that a test moves.
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

// provider publishes keys and counts who asks for them.
type provider struct {
	*httptest.Server
	asked  atomic.Int64
	answer atomic.Pointer[http.HandlerFunc]
}

func newProvider(t testing.TB, keys ...jwkset.JWKMarshal) *provider {
	p := &provider{}
	p.publish(t, keys...)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		(*p.answer.Load())(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

// answers makes it answer so.
func (p *provider) answers(h http.HandlerFunc) { p.answer.Store(&h) }

func (p *provider) publish(t testing.TB, keys ...jwkset.JWKMarshal) {
	t.Helper()
	data := keySet(t, keys...)
	p.answers(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) })
}

func keySet(t testing.TB, keys ...jwkset.JWKMarshal) []byte {
	t.Helper()
	data, err := json.Marshal(jwkset.JWKSMarshal{Keys: keys})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// public is the JSON web key of a private key, as a provider publishes it.
func public(id string, private crypto.Signer) jwkset.JWKMarshal {
	k, err := jwkset.NewJWKFromKey(private.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: id, USE: jwkset.UseSig}})
	if err != nil {
		panic(err)
	}
	return k.Marshal()
}

// good are claims that pass, changed by others; a nil takes one out.
func good(c *clock, changes ...map[string]any) map[string]any {
	now := c.Now().Unix()
	claims := map[string]any{"sub": "ada", "iss": issuer, "aud": forUs, "iat": now, "nbf": now, "exp": now + 3600}
	for _, change := range changes {
		maps.Copy(claims, change)
	}
	maps.DeleteFunc(claims, func(_ string, value any) bool { return value == nil })
	return claims
}

// sign signs claims; header is what the header has besides alg and typ.
func sign(t testing.TB, method jwt.SigningMethod, k any, claims map[string]any, header map[string]any) string {
	t.Helper()
	token := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	maps.Copy(token.Header, header)
	text, err := token.SignedString(k)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// signRaw signs a header and a payload as they stand.
func signRaw(t testing.TB, method jwt.SigningMethod, k any, header, payload string) string {
	t.Helper()
	text := encode(header) + "." + encode(payload)
	signature, err := method.Sign(text, k)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + encode(string(signature))
}

func encode(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }

func named(id string) map[string]any { return map[string]any{"kid": id} }

func newVerifier(t testing.TB, c Config) *Verifier {
	t.Helper()
	v, err := NewVerifier(c)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// withKeys is a verifier of a provider's tokens.
func withKeys(t testing.TB, c *clock, p *provider, algorithms ...string) *Verifier {
	t.Helper()
	return newVerifier(t, Config{
		JWKSURL: p.URL, Issuer: issuer, Audience: []string{"other", forUs}, Algorithms: algorithms, Now: c.Now,
	})
}

// withSecret is a verifier of tokens that are signed with the secret.
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
