package attacks_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/roomcasttest"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

// forgery is a token that must be refused, and the reason in the log.
type forgery struct{ what, token, why string }

// try sends each forgery in a handshake. Afterwards a valid token is still
// accepted.
func try(t *testing.T, stack *roomcasttest.Stack, good string, forgeries []forgery) {
	t.Helper()
	for _, f := range forgeries {
		attempt(t, f.what, "401, "+f.why, func(t *testing.T) {
			before := len(refusals(stack))
			handshake := []roomcasttest.DialOption{roomcasttest.WithSubprotocols("roomcast", f.token)}
			if strings.Trim(f.token, tokenLetters) != "" || f.token == "" { // not a name of a subprotocol
				handshake = query("token", f.token)
			}
			if got := status(t, stack, handshake); got != 401 {
				t.Errorf("status %d, want 401", got)
			}
			roomcasttest.Eventually(t, "the refusal is logged", func() bool { return len(refusals(stack)) > before })
			if all := refusals(stack); all[len(all)-1] != "the token is refused: "+f.why {
				t.Errorf("the log says %q, want %q", all[len(all)-1], f.why)
			}
		})
	}
	if got := status(t, stack, query("token", good)); got != 101 {
		t.Errorf("a good token: status %d", got)
	}
}

const tokenLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

// refusals returns the logged reasons of refused handshakes.
func refusals(stack *roomcasttest.Stack) []string {
	var reasons []string
	for _, line := range stack.LogsOf(authorizer) {
		var entry struct{ Message, Reason string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Message == "a handshake is refused" {
			reasons = append(reasons, entry.Reason)
		}
	}
	return reasons
}

func TestForgedTokensOfAProvider(t *testing.T) {
	t.Parallel()
	p, evil := newProvider(t, "r"), newProvider(t, "r")
	stack := trusting(t, p)
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(p.key.Public())
	if err != nil {
		t.Fatal(err)
	}
	rs, hs := jwt.SigningMethodRS256, jwt.SigningMethodHS256
	named := object{"kid": "r"}
	now := time.Now().Unix()
	payload := fmt.Sprintf(`{"sub":"ada","iss":%q,"aud":%q,"exp":%d}`, issuer, audience, now+3600)
	good := tokentest.Sign(t, rs, p.key, ofProvider("ada"), named)
	head, rest, _ := strings.Cut(good, ".")
	body, signature, _ := strings.Cut(rest, ".")
	with := func(name string, value any) string {
		return tokentest.Sign(t, rs, p.key, ofProvider("ada", object{name: value}), named)
	}
	header := func(text string) string { return tokentest.SignRaw(t, rs, p.key, text, payload) }
	ofEvil := func(more object) string { return tokentest.Sign(t, rs, evil.key, ofProvider("ada"), more) }

	try(t, stack, good, []forgery{
		{"alg none, no signature", tokentest.Encode(`{"alg":"none","typ":"JWT"}`) + "." + tokentest.Encode(payload) + ".", "algorithm"},
		{"alg NoNe, with another token's signature", tokentest.Encode(`{"alg":"NoNe"}`) + "." + tokentest.Encode(payload) + "." + signature, "algorithm"},
		{"no alg", header(`{"kid":"r"}`), "algorithm"},
		{"HS256, with the public key in PEM as the secret", tokentest.Sign(t, hs, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), ofProvider("ada"), named), "algorithm"},
		{"HS256, with the public key in DER as the secret", tokentest.Sign(t, hs, der, ofProvider("ada"), named), "algorithm"},
		{"HS256, with an empty secret", tokentest.Sign(t, hs, []byte{}, ofProvider("ada"), nil), "algorithm"},
		{"RS512, which is not configured", tokentest.Sign(t, jwt.SigningMethodRS512, p.key, ofProvider("ada"), named), "algorithm"},
		{"PS256, which is not configured", tokentest.Sign(t, jwt.SigningMethodPS256, p.key, ofProvider("ada"), named), "algorithm"},
		{"an unknown key under the provider's kid", ofEvil(named), "signature"},
		{"an unknown key in the header (jwk)", ofEvil(object{"kid": "r", "jwk": tokentest.Public(t, "r", evil.key)}), "signature"},
		{"another URL of keys (jku, x5u)", ofEvil(object{"kid": "r", "jku": evil.URL, "x5u": evil.URL}), "signature"},
		{"another certificate (x5c)", ofEvil(object{"kid": "r", "x5c": []string{"MIIB"}}), "signature"},
		{"a key of 1,024 bits", tokentest.Sign(t, rs, short, ofProvider("ada"), named), "signature"},
		{"an unknown kid", tokentest.Sign(t, rs, p.key, ofProvider("ada"), object{"kid": "x"}), "unknown key"},
		{"a kid that is a path", tokentest.Sign(t, rs, p.key, ofProvider("ada"), object{"kid": "../../../../dev/null"}), "unknown key"},
		{"a kid that is SQL", tokentest.Sign(t, rs, p.key, ofProvider("ada"), object{"kid": "r' OR '1'='1"}), "unknown key"},
		{"crit", header(`{"alg":"RS256","kid":"r","crit":["exp"]}`), "malformed"},
		{"a payload that is not encoded (b64)", header(`{"alg":"RS256","kid":"r","b64":false,"crit":["b64"]}`), "malformed"},
		{"two algorithms in one header", header(`{"alg":"none","kid":"r","alg":"RS256"}`), "malformed"},
		{"a token of another kind (typ logout+jwt)", header(`{"alg":"RS256","kid":"r","typ":"logout+jwt"}`), "malformed"},
		{"an encrypted token, of five parts", good + ".AAAA.AAAA", "malformed"},
		{"a token in JSON, with its parts named", fmt.Sprintf(`{"protected":%q,"payload":%q,"signature":%q}`, head, body, signature), "malformed"},
		{"a changed user in the payload", head + "." + tokentest.Encode(strings.Replace(payload, "ada", "eve", 1)) + "." + signature, "signature"},
		{"a changed header", tokentest.Encode(`{"alg":"RS256","kid":"r","x":1}`) + "." + body + "." + signature, "signature"},
		{"no signature", head + "." + body + ".", "signature"},
		{"a truncated token", good[:len(good)-22], "signature"},
		{"two parts of three", head + "." + body, "malformed"},
		{"text after the token", good + "=", "malformed"},
		{"expired", with("exp", now-60), "expired"},
		{"no exp", with("exp", nil), "malformed"},
		{"exp in a string", with("exp", fmt.Sprint(now+3600)), "malformed"},
		{"exp in milliseconds", with("exp", (now+3600)*1000), "malformed"},
		{"not yet valid (nbf)", with("nbf", now+300), "not yet valid"},
		{"issued in the future (iat)", with("iat", now+300), "not yet valid"},
		{"another issuer", with("iss", "https://evil.example/"), "issuer"},
		{"an issuer with the same beginning", with("iss", issuer+".evil.example"), "issuer"},
		{"another audience", with("aud", "mail"), "audience"},
		{"no audience", with("aud", nil), "audience"},
		{"no user", with("sub", nil), "user"},
		{"a user that is an object", with("sub", object{"$ne": nil}), "user"},
		{"a user with a control character", with("sub", "ada\x00"), "user"},
	})
	if n := evil.Asked(); n != 0 {
		t.Errorf("the stranger's keys were asked for %d times", n)
	}
	// A stranger can name unknown keys any number of times.
	if n := p.Asked(); n > 10 {
		t.Errorf("the provider was asked for its keys %d times", n)
	}
}

func TestForgedTokensOfASecret(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	stranger := newProvider(t, "r")
	hs := jwt.SigningMethodHS256
	secret := []byte(d.secret)
	large := strings.Repeat("room-", 500)
	try(t, d.Stack, d.token(t, "ada"), []forgery{
		{"empty", "", "malformed"},
		{"a word instead of a token", "hello", "malformed"},
		{"dots", "..", "malformed"},
		{"another secret", tokentest.Sign(t, hs, []byte(d.secret+"x"), claims("ada"), nil), "signature"},
		{"the beginning of the secret", tokentest.Sign(t, hs, secret[:32], claims("ada"), nil), "signature"},
		{"an empty secret", tokentest.Sign(t, hs, []byte{}, claims("ada"), nil), "signature"},
		{"HS512 with the secret", tokentest.Sign(t, jwt.SigningMethodHS512, secret, claims("ada"), nil), "algorithm"},
		{"RS256 with an unknown key", tokentest.Sign(t, jwt.SigningMethodRS256, stranger.key, claims("ada"), object{"kid": "r"}), "algorithm"},
		{"alg none", tokentest.Encode(`{"alg":"none"}`) + "." + tokentest.Encode(`{"sub":"ada","exp":4000000000}`) + ".", "algorithm"},
		{"more than 8 KiB", d.token(t, "ada", object{"x": strings.Repeat("a", 8<<10)}), "too large"},
		{"expired", d.token(t, "ada", object{"exp": time.Now().Unix() - 60}), "expired"},
		{"permissions with a misspelled denial", d.token(t, "ada", may(object{"rooms": []string{"*"}, "denied": object{"rooms": []string{"vault"}}})), "permissions"},
		{"permissions in a list", d.token(t, "ada", object{"roomcast": []string{"*"}}), "permissions"},
		{"permissions over 2 KiB", d.token(t, "ada", may(object{"rooms": []string{large}})), "permissions"},
	})
}

func TestTokensInWrongPlaces(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	ada, bob := d.token(t, "ada"), d.token(t, "bob")
	header := func(name, value string) []roomcasttest.DialOption {
		return []roomcasttest.DialOption{roomcasttest.WithHeader(name, value)}
	}
	subprotocols := func(names ...string) []roomcasttest.DialOption {
		return []roomcasttest.DialOption{roomcasttest.WithSubprotocols(names...)}
	}
	for _, place := range []struct {
		what    string
		options []roomcasttest.DialOption
	}{
		{"no token", nil},
		{"a userId and no token", query("userId", "ada")},
		{"the token as another parameter", query("access_token", ada)},
		{"the parameter in capitals", query("Token", ada)},
		{"the token in a cookie", header("Cookie", "token="+ada)},
		{"the token as a password (Basic)", header("Authorization", "Basic "+ada)},
		{"the token in a custom header", header("X-Token", ada)},
		{"the token as a subprotocol without roomcast", subprotocols(ada)},
		{"an authorizer's result in headers and query", append(
			query("principalId", "ada", "permissions", `{"rooms":["*"]}`, "expiresAt", "4000000000"),
			roomcasttest.WithHeader("X-Amzn-Authorizer", `{"userId":"ada"}`), roomcasttest.WithHeader("X-Principal-Id", "ada"),
		)},
		{"two tokens in the query", query("token", ada, "token", bob)},
		{"two tokens as subprotocols", subprotocols("roomcast", ada, bob)},
		{"two tokens that differ, in query and subprotocol", append(query("token", ada), subprotocols("roomcast", bob)...)},
		{"two tokens that differ, in query and Authorization", append(query("token", ada), header("Authorization", "Bearer "+bob)...)},
	} {
		attempt(t, place.what, "401", func(t *testing.T) {
			if got := status(t, d.Stack, place.options); got != 401 {
				t.Errorf("status %d, want 401", got)
			}
		})
	}
}
