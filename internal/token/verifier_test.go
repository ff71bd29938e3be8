package token

import (
	"context"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/permission"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

func TestVerify(t *testing.T) {
	t.Parallel()
	c := newClock()
	p := tokentest.NewProvider(t, tokentest.Public(t, "r", rsaKey), tokentest.Public(t, "e", ecKey), tokentest.Public(t, "d", edKey))
	keys := withKeys(t, c, p, "RS256", "PS512", "ES256", "EdDSA")
	shared := withSecret(t, c)
	change := func(name string, value any) map[string]any { return good(c, map[string]any{name: value}) }
	rs := func(claims map[string]any) string {
		return tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, claims, named("r"))
	}
	rooms := permission.Permissions{Rules: permission.Rules{Rooms: permission.Patterns{"team-*"}}}
	tests := []struct {
		name     string
		verifier *Verifier
		token    string
		want     permission.Permissions
	}{
		{"RS256", keys, rs(good(c)), permission.Default()},
		{"PS512", keys, tokentest.Sign(t, jwt.SigningMethodPS512, rsaKey, good(c), named("r")), permission.Default()},
		{"ES256", keys, tokentest.Sign(t, jwt.SigningMethodES256, ecKey, good(c), named("e")), permission.Default()},
		{"EdDSA", keys, tokentest.Sign(t, jwt.SigningMethodEdDSA, edKey, good(c), named("d")), permission.Default()},
		{"without kid", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c), nil), permission.Default()},
		{"a shared secret", shared, mint(t, secret, good(c)), permission.Default()},
		{"a shared secret, with any kid", shared, tokentest.Sign(t, jwt.SigningMethodHS256, []byte(secret), good(c), named("x")), permission.Default()},
		{"typ of an access token", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c), map[string]any{"typ": "at+JWT", "kid": "r"}), permission.Default()},
		{"without typ", shared, tokentest.SignRaw(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256"}`, `{"sub":"ada","iss":"`+issuer+`","aud":"chat","exp":1790003600}`), permission.Default()},
		{"several audiences", keys, rs(change("aud", []string{"x", forUs})), permission.Default()},
		{"client_id, as Cognito has it", keys, rs(good(c, map[string]any{"aud": nil, "client_id": forUs})), permission.Default()},
		{"neither nbf nor iat", keys, rs(good(c, map[string]any{"nbf": nil, "iat": nil})), permission.Default()},
		{"expired within the leeway", keys, rs(change("exp", c.Now().Unix()-9)), permission.Default()},
		{"not yet valid within the leeway", keys, rs(change("nbf", c.Now().Unix()+10)), permission.Default()},
		{"permissions", keys, rs(change("roomcast", map[string]any{"rooms": []string{"team-*"}})), rooms},
		{"permissions in a text", keys, rs(change("roomcast", `{"rooms":["team-*"]}`)), rooms},
		{"no permissions", keys, rs(change("roomcast", map[string]any{})), permission.Permissions{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.verifier.Verify(t.Context(), test.token)
			if err != nil {
				t.Fatal(err)
			}
			if got.UserID != "ada" || got.All["sub"] != "ada" || !reflect.DeepEqual(got.Permissions, test.want) {
				t.Errorf("got %+v, want ada with %+v", got, test.want)
			}
			if ends := int64(got.All["exp"].(float64)); got.ExpiresAt.Unix() != ends {
				t.Errorf("it ends at %v, want %d", got.ExpiresAt, ends)
			}
		})
	}
}

func TestClaimsOfOtherNames(t *testing.T) {
	t.Parallel()
	c := newClock()
	config := Config{
		Secrets:   func(context.Context) ([]string, error) { return []string{secret}, nil },
		UserClaim: "email", PermissionsClaim: "https://app.example/roomcast", Now: c.Now,
	}
	text := mint(t, secret, map[string]any{
		"sub": "x", "email": "ada@app.example", "exp": float64(c.Now().Unix()) + 60.9,
		"roomcast": "not this one", "https://app.example/roomcast": map[string]any{"send": []string{"news"}},
	})
	got, err := newVerifier(t, config).Verify(t.Context(), text)
	if err != nil || got.UserID != "ada@app.example" || !got.Permissions.Allow(permission.Send, "news") || !got.ExpiresAt.Equal(c.Now().Add(time.Minute)) {
		t.Errorf("got %+v, %v", got, err)
	}
	config.PermissionsClaim, config.NoPermissions = "sub", true
	got, err = newVerifier(t, config).Verify(t.Context(), text)
	if err != nil || !reflect.DeepEqual(got.Permissions, permission.Permissions{}) {
		t.Errorf("where somebody else decides: got %+v, %v, want no permissions", got, err)
	}
}

// TestIllFormedUnicode signs claims that are not well-formed Unicode: they may
// decode to another user's name.
func TestIllFormedUnicode(t *testing.T) {
	t.Parallel()
	v := withSecret(t, newClock())
	const rest = `,"iss":"` + issuer + `","aud":"chat","exp":1790003600}`
	for payload, want := range map[string]Reason{
		`{"sub":"a\ud800"` + rest:                                         User,
		"{\"sub\":\"a\xff\"" + rest:                                       User,
		`{"sub":"ada","roomcast":{"rooms":["\udc00"]}` + rest:             Permissions,
		`{"sub":"ada","roomcast":"{\"rooms\":[\"\ud800\"]}"` + rest:       Permissions,
		`{"sub":"ada","roomcast":"{\"rooms\":[\"\\ud800\"]}"` + rest:      Permissions,
		`{"sub":"ada","name":"\ud800"` + rest:                             Malformed,
		`{"sub":"ada","\ud800":1` + rest:                                  Malformed,
		`{"sub":"ada","roomcast":{"rooms":["\ud83d\ude00\ufffd"]}` + rest: "",
	} {
		_, err := v.Verify(t.Context(), tokentest.SignRaw(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256"}`, payload))
		if want == "" && err != nil || want != "" && err != want {
			t.Errorf("%q: got %v, want %q", payload, err, want)
		}
	}
	if _, err := v.Verify(t.Context(), tokentest.SignRaw(t, jwt.SigningMethodHS256, []byte(secret), `{"alg":"HS256","kid":"\ud800"}`, `{"sub":"ada"`+rest)); err != Malformed {
		t.Errorf("a header: got %v", err)
	}
}

// TestVerifyConcurrently starts many goroutines with one verifier: they share one
// fetch.
func TestVerifyConcurrently(t *testing.T) {
	t.Parallel()
	c := newClock()
	p := tokentest.NewProvider(t, tokentest.Public(t, "r", rsaKey))
	v := withKeys(t, c, p)
	text := tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c), named("r"))
	forged := tokentest.Sign(t, jwt.SigningMethodRS256, rsaOther, good(c), named("r"))
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 8 {
				if _, err := v.Verify(t.Context(), text); err != nil {
					t.Errorf("a good token: %v", err)
				}
				if _, err := v.Verify(t.Context(), forged); err != Signature {
					t.Errorf("a forged token: %v", err)
				}
			}
		})
	}
	all.Wait()
	if n := p.Asked(); n != 1 {
		t.Errorf("the keys were fetched %d times, want once", n)
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	t.Parallel()
	secrets := func(context.Context) ([]string, error) { return nil, nil }
	keys := func(change func(*Config)) Config {
		c := Config{JWKSURL: "https://issuer.example/keys", Issuer: issuer, Audience: []string{forUs}}
		change(&c)
		return c
	}
	url := func(u string) Config { return keys(func(c *Config) { c.JWKSURL = u }) }
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"neither", Config{}, "configure one of them"},
		{"both", keys(func(c *Config) { c.Secrets = secrets }), "configure one of them"},
		{"HMAC with public keys", keys(func(c *Config) { c.Algorithms = []string{"RS256", "HS256"} }), `no algorithm "HS256"`},
		{"none with public keys", keys(func(c *Config) { c.Algorithms = []string{"none"} }), `no algorithm "none"`},
		{"none with a secret", Config{Secrets: secrets, Algorithms: []string{"none"}}, "is HS256"},
		{"RSA with a secret", Config{Secrets: secrets, Algorithms: []string{"RS256"}}, "is HS256"},
		{"no issuer", keys(func(c *Config) { c.Issuer = "" }), "need an issuer and an audience"},
		{"no audience", keys(func(c *Config) { c.Audience = nil }), "need an issuer and an audience"},
		{"an empty audience", Config{Secrets: secrets, Audience: []string{""}}, "must not be empty"},
		{"http", url("http://issuer.example/keys"), "must be an https URL"},
		{"a name like this machine's", url("http://localhost.evil.example/keys"), "must be an https URL"},
		{"a file", url("file:///etc/passwd"), "must be an https URL"},
		{"a password", url("https://a:b@issuer.example/keys"), "must be an https URL"},
		{"no URL", url("issuer.example"), "must be an https URL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := NewVerifier(test.config); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	for _, u := range []string{"https://issuer.example/keys", "http://127.0.0.1:8080/keys", "http://[::1]/keys", "http://localhost/keys"} {
		if _, err := NewVerifier(url(u)); err != nil {
			t.Errorf("%s: %v", u, err)
		}
	}
}

func TestMintRefuses(t *testing.T) {
	t.Parallel()
	if _, err := Mint(secret[1:], nil); err == nil || strings.Contains(err.Error(), secret[1:]) {
		t.Errorf("a short secret: got %v, want an error without it", err)
	}
	if _, err := Mint(secret, map[string]any{"f": func() {}}); err == nil {
		t.Error("invalid JSON was signed")
	}
}
