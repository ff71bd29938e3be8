package token

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

// TestForged tries tokens that are malformed, forged or for another audience.
// Each is refused with its reason, and the error has nothing of the token.
func TestForged(t *testing.T) {
	t.Parallel()
	c := newClock()
	now := c.Now().Unix()
	der, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	pemKey := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	pkcs1 := x509.MarshalPKCS1PublicKey(&rsaKey.PublicKey)
	jwk, err := json.Marshal(tokentest.Public(t, "mine", rsaOther))
	if err != nil {
		t.Fatal(err)
	}

	payload := fmt.Sprintf(`{"sub":"ada","iss":%q,"aud":%q,"exp":%d}`, issuer, forUs, now+3600)
	hs := func(k []byte, header map[string]any) string {
		return tokentest.Sign(t, jwt.SigningMethodHS256, k, good(c), header)
	}
	rs := func(header map[string]any) string {
		return tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c), header)
	}
	// One with other claims, one with another header, or another raw payload.
	claims := func(name string, value any) string {
		return tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c, map[string]any{name: value}), named("r"))
	}
	header := func(h string) string { return tokentest.SignRaw(t, jwt.SigningMethodRS256, rsaKey, h, payload) }
	body := func(p string) string {
		return tokentest.SignRaw(t, jwt.SigningMethodRS256, rsaKey, `{"alg":"RS256","kid":"r"}`, p)
	}
	none := func(alg string) string {
		return tokentest.Encode(`{"alg":"`+alg+`","typ":"JWT"}`) + "." + tokentest.Encode(payload) + "."
	}
	fine := rs(named("r"))
	first, rest, _ := strings.Cut(fine, ".")
	second, third, _ := strings.Cut(rest, ".")
	flipped := []byte(third)
	if flipped[7] == 'A' { // still base64, so that the signature is refused
		flipped[7] = 'B'
	} else {
		flipped[7] = 'A'
	}
	large := make([]string, 0, permission.MaxBytes/4)
	for range cap(large) {
		large = append(large, "room")
	}

	p := tokentest.NewProvider(t, tokentest.Public(t, "r", rsaKey), tokentest.Public(t, "other", rsaOther), tokentest.Public(t, "short", rsaShort), tokentest.Public(t, "e", ecKey), tokentest.Public(t, "d", edKey))
	keys, all := withKeys(t, c, p), withKeys(t, c, p, "RS256", "ES256", "EdDSA")
	shared := withSecret(t, c)
	tests := []struct {
		name     string
		verifier *Verifier
		token    string
		want     Reason
	}{
		{"nothing", keys, "", Malformed},
		{"no token", keys, "hello", Malformed},
		{"dots only", keys, "..", Malformed},
		{"two parts", keys, first + "." + second, Malformed},
		{"a fourth part", keys, fine + ".x", Malformed},
		{"an empty fourth part", keys, fine + ".", Malformed},
		{"five parts, as an encrypted token has", keys, fine + ".x.y", Malformed},
		{"one byte too many", keys, fine + strings.Repeat("A", protocol.MaxToken-len(fine)+1), TooLarge},
		{"padding", keys, fine + "=", Malformed},
		{"a line break within", keys, first + "." + second + ".\n" + third, Malformed},
		{"a space before", keys, " " + fine, Malformed},
		{"a null byte", keys, fine + "\x00", Malformed},
		{"base64 of another alphabet", keys, "+/" + fine, Malformed},
		{"bits too many at the end of the signature", shared, spoil(mint(t, secret, good(c))), Malformed},
		{"a header that is not JSON", keys, header(`{"alg":"RS256"`), Malformed},
		{"a header that is not an object", keys, header(`["RS256"]`), Malformed},
		{"a header that is null", keys, header(`null`), Malformed},
		{"something after the header", keys, header(`{"alg":"RS256"}{}`), Malformed},
		{"two algorithms", keys, header(`{"alg":"none","kid":"r","alg":"RS256"}`), Malformed},
		{"two kids", keys, header(`{"alg":"RS256","kid":"x","kid":"r"}`), Malformed},
		{"two kids, one of them escaped", keys, header(`{"alg":"RS256","kid":"x","\u006bid":"r"}`), Malformed},
		{"a kid that is not a text", keys, header(`{"alg":"RS256","kid":{"a":1}}`), Malformed},
		{"a kid that is null", keys, header(`{"alg":"RS256","kid":null}`), Malformed},
		{"crit", keys, header(`{"alg":"RS256","kid":"r","crit":["exp"]}`), Malformed},
		{"a payload that is not encoded", keys, header(`{"alg":"RS256","kid":"r","b64":false}`), Malformed},
		{"a token for logging out", keys, header(`{"alg":"RS256","kid":"r","typ":"logout+jwt"}`), Malformed},
		{"a payload that is not an object", keys, body(`[1]`), Malformed},
		{"a payload that is null", keys, body(`null`), Malformed},
		{"a payload that is not JSON", keys, body(`{`), Malformed},
		{"two subs", keys, body(strings.Replace(payload, `{`, `{"sub":"eve",`, 1)), Malformed},

		{"alg none", keys, none("none"), Algorithm},
		{"alg None", keys, none("None"), Algorithm},
		{"alg NONE", keys, none("NONE"), Algorithm},
		{"alg none with a signature", keys, none("none") + third, Algorithm},
		{"alg none against a secret", shared, none("none"), Algorithm},
		{"alg empty", keys, none(""), Algorithm},
		{"no alg", keys, header(`{"kid":"r"}`), Algorithm},
		{"an algorithm that is not configured", keys, tokentest.Sign(t, jwt.SigningMethodRS512, rsaKey, good(c), named("r")), Algorithm},
		{"an algorithm in small letters", keys, header(`{"alg":"rs256","kid":"r"}`), Algorithm},
		{"HS256 with the public key in PEM", keys, hs(pemKey, named("r")), Algorithm},
		{"HS256 with the public key in DER", keys, hs(der, named("r")), Algorithm},
		{"HS256 with the public key in PKCS 1", keys, hs(pkcs1, named("r")), Algorithm},
		{"HS256 with the modulus", all, hs(rsaKey.N.Bytes(), named("r")), Algorithm},
		{"HS256 with nothing as its key", keys, hs([]byte{}, nil), Algorithm},
		{"RS256 against a secret", shared, fine, Algorithm},
		{"HS512 with the secret", shared, tokentest.Sign(t, jwt.SigningMethodHS512, []byte(secret), good(c), nil), Algorithm},

		{"an unknown kid", keys, rs(named("x")), UnknownKey},
		{"a kid like a path", keys, rs(named("../../dev/null")), UnknownKey},
		{"a kid like a query", keys, rs(named("r' OR '1'='1")), UnknownKey},
		{"the kid of a key of another kind", all, rs(named("e")), UnknownKey},
		{"a key that is too short", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaShort, good(c), named("short")), UnknownKey},

		{"a key of its own in jwk", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaEvil, good(c), map[string]any{"kid": "r", "jwk": json.RawMessage(jwk)}), Signature},
		{"a URL of its own in jku", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaEvil, good(c), map[string]any{"jku": p.URL + "/evil", "x5u": p.URL + "/evil"}), Signature},
		{"a key that is not published", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaEvil, good(c), nil), Signature},
		{"another key than the one named", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaOther, good(c), named("r")), Signature},
		{"another secret", shared, hs([]byte(secret+"x"), nil), Signature},
		{"a secret of nothing", shared, hs([]byte{}, nil), Signature},
		{"the secret's beginning", shared, hs([]byte(secret[:31]), nil), Signature},
		{"no signature", keys, first + "." + second + ".", Signature},
		{"a changed signature", keys, first + "." + second + "." + string(flipped), Signature},
		{"a changed payload", keys, first + "." + tokentest.Encode(strings.Replace(payload, "ada", "eve", 1)) + "." + third, Signature},
		{"a changed header", keys, tokentest.Encode(`{"alg":"RS256","kid":"r" }`) + "." + second + "." + third, Signature},
		{"an ECDSA signature of zeros", all, tokentest.Encode(`{"alg":"ES256","kid":"e"}`) + "." + tokentest.Encode(payload) + "." + tokentest.Encode(string(make([]byte, 64))), Signature},
		{"an ECDSA signature in ASN.1", all, asn1(t, payload), Signature},

		{"expired", keys, claims("exp", now-10), Expired},
		{"exp 0", keys, claims("exp", 0), Expired},
		{"no exp", keys, claims("exp", nil), Malformed},
		{"exp null", keys, body(fmt.Sprintf(`{"sub":"ada","iss":%q,"aud":%q,"exp":null}`, issuer, forUs)), Malformed},
		{"exp in a text", keys, claims("exp", fmt.Sprint(now+3600)), Malformed},
		{"exp in a list", keys, claims("exp", []int64{now + 3600}), Malformed},
		{"exp below zero", keys, claims("exp", -1), Malformed},
		{"exp in milliseconds", keys, claims("exp", now*1000), Malformed},
		{"exp at the end of numbers", keys, claims("exp", math.MaxFloat64), Malformed},
		{"exp beyond numbers", keys, body(`{"sub":"ada","exp":1e999}`), Malformed},
		{"nbf to come", keys, claims("nbf", now+11), NotYetValid},
		{"nbf beyond time", keys, claims("nbf", 1e300), Malformed},
		{"nbf in a text", keys, claims("nbf", "0"), Malformed},
		{"iat to come", keys, claims("iat", now+11), NotYetValid},

		{"another issuer", keys, claims("iss", "https://evil.example/"), Issuer},
		{"an issuer without the slash", keys, claims("iss", strings.TrimSuffix(issuer, "/")), Issuer},
		{"issuers in a list", keys, claims("iss", []string{issuer}), Issuer},
		{"no issuer", keys, claims("iss", nil), Issuer},
		{"another audience", keys, claims("aud", "chat2"), Audience},
		{"an audience in capitals", keys, claims("aud", "Chat"), Audience},
		{"other audiences", keys, claims("aud", []any{"x", 1, nil, []string{forUs}}), Audience},
		{"no audience", keys, claims("aud", nil), Audience},
		{"an empty list of audiences, and a client_id", keys, tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c, map[string]any{"aud": []string{}, "client_id": forUs}), named("r")), Audience},
		{"audiences in an object", keys, claims("aud", map[string]any{forUs: true}), Audience},

		{"no user", keys, claims("sub", nil), User},
		{"an empty user", keys, claims("sub", ""), User},
		{"a user that is a number", keys, claims("sub", 7), User},
		{"users in a list", keys, claims("sub", []string{"ada"}), User},
		{"a long user", keys, claims("sub", strings.Repeat("a", 129)), User},
		{"a user with a line break", keys, claims("sub", "ada\nlevel=ERROR"), User},

		{"permissions null", keys, body(strings.Replace(payload, `{`, `{"roomcast":null,`, 1)), Permissions},
		{"permissions in a list", keys, claims("roomcast", []string{"*"}), Permissions},
		{"permissions misspelled", keys, claims("roomcast", map[string]any{"rooms": []string{"*"}, "denied": map[string]any{}}), Permissions},
		{"permissions in a string that is not JSON", keys, claims("roomcast", "*"), Permissions},
		{"permissions too large", keys, claims("roomcast", map[string]any{"rooms": large}), Permissions},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := test.verifier.Verify(t.Context(), test.token)
			if err != test.want {
				t.Errorf("got %+v, %v, want %v", got, err, test.want)
			}
			if got.UserID != "" || got.All != nil {
				t.Errorf("claims came with the error: %+v", got)
			}
		})
	}
}

// spoil changes bits of the last character that a decoder may ignore.
func spoil(text string) string {
	const order = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := strings.IndexByte(order, text[len(text)-1])
	return text[:len(text)-1] + string(order[last|1])
}

// asn1 returns a token with a valid ECDSA signature in ASN.1, which tokens do
// not use.
func asn1(t *testing.T, payload string) string {
	t.Helper()
	text := tokentest.Encode(`{"alg":"ES256","kid":"e"}`) + "." + tokentest.Encode(payload)
	hash := jwt.SigningMethodES256.Hash.New()
	hash.Write([]byte(text))
	signature, err := ecKey.Sign(nil, hash.Sum(nil), jwt.SigningMethodES256.Hash)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + tokentest.Encode(string(signature))
}
