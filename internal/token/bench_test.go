package token

import (
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

func benchmark(b *testing.B, v *Verifier, text string) {
	b.Helper()
	if _, err := v.Verify(b.Context(), text); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = v.Verify(b.Context(), text)
	}
}

// BenchmarkVerifyHS256 measures a token of a shared secret in a warm function.
//
//	go test ./internal/token -run '^$' -bench Verify
func BenchmarkVerifyHS256(b *testing.B) {
	c := newClock()
	benchmark(b, withSecret(b, c), mint(b, secret, good(c)))
}

// BenchmarkVerifyRS256 is the same for a provider's token.
func BenchmarkVerifyRS256(b *testing.B) {
	c := newClock()
	p := tokentest.NewProvider(b, tokentest.Public(b, "r", rsaKey))
	benchmark(b, withKeys(b, c, p), tokentest.Sign(b, jwt.SigningMethodRS256, rsaKey, good(c), named("r")))
}
