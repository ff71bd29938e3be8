package token

import (
	"crypto/rsa"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

// FuzzVerify passes any input to verifiers: input that was not signed is
// refused with a reason.
func FuzzVerify(f *testing.F) {
	c := newClock()
	p := tokentest.NewProvider(f, tokentest.Public(f, "r", rsaKey))
	keys, shared := withKeys(f, c, p), withSecret(f, c)
	ours := []string{
		mint(f, secret, good(c)),
		tokentest.Sign(f, jwt.SigningMethodRS256, rsaKey, good(c), named("r")),
	}
	for _, text := range ours {
		f.Add(text)
		f.Add(text + "\n")
		first, _, _ := strings.Cut(text, ".")
		f.Add(tokentest.Encode(`{"alg":"none"}`) + strings.TrimPrefix(text, first))
	}
	f.Add(tokentest.Sign(f, jwt.SigningMethodRS256, rsaOther, good(c), named("r")))
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		for _, v := range []*Verifier{keys, shared} {
			got, err := v.Verify(t.Context(), text)
			if err == nil && !slices.Contains(ours, text) {
				t.Fatalf("%q was accepted as %+v", text, got)
			}
			var reason Reason
			if err != nil && !errors.As(err, &reason) {
				t.Fatalf("%q: got %v, want a reason", text, err)
			}
		}
	})
}

// FuzzReadObject reads any input as a part of a token: in accepted parts every
// name occurs once.
func FuzzReadObject(f *testing.F) {
	for _, part := range []string{`{"alg":"RS256","kid":"r"}`, `{"a":1,"a":2}`, `{"a":{"b":[1]}} `, `{}{}`, `null`} {
		f.Add(tokentest.Encode(part))
	}
	f.Fuzz(func(t *testing.T, part string) {
		fields, err := readObject(part)
		if (fields == nil) == (err == nil) {
			t.Errorf("%q: got %v, %v", part, fields, err)
		}
		for name, raw := range fields {
			if len(raw) == 0 {
				t.Errorf("%q: %q is nothing", part, name)
			}
		}
	})
}

// FuzzReadKeys reads any input as a key set: all keys that it returns can be
// used to verify.
func FuzzReadKeys(f *testing.F) {
	f.Add(tokentest.KeySet(f, tokentest.Public(f, "r", rsaKey), tokentest.Public(f, "e", ecKey), tokentest.Public(f, "d", edKey)))
	f.Add(tokentest.KeySet(f, tokentest.Public(f, "short", rsaShort)))
	f.Add([]byte(`{"keys":[{"kty":"oct","k":"AAAA"},{"kty":"EC","crv":"P-256","x":"","y":""},{"kty":"RSA","n":"AA","e":"AQAB"},null]}`))
	algorithms := []string{"RS256", "PS384", "ES256", "ES512", "EdDSA"}
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := readKeys(data, algorithms)
		if (len(keys) == 0) == (err == nil) || len(keys) > maxKeys {
			t.Fatalf("got %d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			for _, a := range k.algorithms {
				if k.shared || !slices.Contains(algorithms, a) || !publicFits[a](k.material) {
					t.Errorf("%+v does not fit %s", k, a)
				}
				// Verifying with it does not panic.
				if err := jwt.GetSigningMethod(a).Verify("a.b", make([]byte, 64), k.material); err == nil {
					t.Errorf("%+v takes a signature of zeros", k)
				}
			}
			if r, ok := k.material.(*rsa.PublicKey); ok && r.E < 2 {
				t.Errorf("an exponent of %d", r.E)
			}
		}
	})
}
