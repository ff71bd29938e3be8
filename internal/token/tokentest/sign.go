package tokentest

import (
	"encoding/base64"
	"maps"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

// Sign signs claims. header has further fields of the header, besides alg and
// typ.
func Sign(t testing.TB, method jwt.SigningMethod, key any, claims, header map[string]any) string {
	t.Helper()
	unsigned := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	maps.Copy(unsigned.Header, header)
	text, err := unsigned.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// SignRaw signs a header and a payload unchanged.
func SignRaw(t testing.TB, method jwt.SigningMethod, key any, header, payload string) string {
	t.Helper()
	text := Encode(header) + "." + Encode(payload)
	signature, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + Encode(string(signature))
}

// Encode returns a part of a token.
func Encode(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }
