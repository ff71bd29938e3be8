package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

func TestReadKeysPassesOver(t *testing.T) {
	t.Parallel()
	with := func(change func(*jwkset.JWKMarshal)) json.RawMessage {
		m := tokentest.Public(t, "r", rsaKey)
		change(&m)
		data, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	tests := []struct {
		name string
		key  json.RawMessage
		want int
	}{
		{"one for RS256", with(func(*jwkset.JWKMarshal) {}), 1},
		{"one that says so", with(func(m *jwkset.JWKMarshal) { m.ALG = "RS256" }), 1},
		{"one to verify with", with(func(m *jwkset.JWKMarshal) { m.USE, m.KEYOPS = "", []jwkset.KEYOPS{"verify"} }), 1},
		{"an invalid certificate", with(func(m *jwkset.JWKMarshal) { m.X5C, m.X5T, m.X5U = []string{"!"}, "!", "!" }), 1},
		{"another algorithm", with(func(m *jwkset.JWKMarshal) { m.ALG = "RS512" }), 0},
		{"one for encryption", with(func(m *jwkset.JWKMarshal) { m.USE = "enc" }), 0},
		{"one for an unknown use", with(func(m *jwkset.JWKMarshal) { m.USE = "tls" }), 0},
		{"one to encrypt with", with(func(m *jwkset.JWKMarshal) { m.KEYOPS = []jwkset.KEYOPS{"encrypt"} }), 0},
		{"another kty", with(func(m *jwkset.JWKMarshal) { m.KTY = "EC" }), 0},
		{"a symmetric key", json.RawMessage(`{"kty":"oct","kid":"r","alg":"RS256","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}`), 0},
		{"a short key", with(func(m *jwkset.JWKMarshal) { *m = tokentest.Public(t, "r", rsaShort) }), 0},
		{"an endless key", with(func(m *jwkset.JWKMarshal) { m.N = strings.Repeat("f", 2048) }), 0},
		{"an exponent of 1", with(func(m *jwkset.JWKMarshal) { m.E = "AQ" }), 0},
		{"an exponent beyond numbers", with(func(m *jwkset.JWKMarshal) { m.E = "AQAAAAAAAAAAAQAB" }), 0},
		{"no modulus", with(func(m *jwkset.JWKMarshal) { m.N = "" }), 0},
		{"a key on a curve", with(func(m *jwkset.JWKMarshal) { *m = tokentest.Public(t, "e", ecKey) }), 0},
		{"null", json.RawMessage(`null`), 0},
		{"a text", json.RawMessage(`"r"`), 0},
		{"nothing", json.RawMessage(`{}`), 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data := fmt.Appendf(nil, `{"keys":[%s,%s]}`, with(func(m *jwkset.JWKMarshal) { m.KID = "first" }), test.key)
			keys, err := readKeys(data, []string{rs256})
			if err != nil || len(keys) != 1+test.want {
				t.Errorf("got %d keys, %v, want %d", len(keys), err, 1+test.want)
			}
			data = fmt.Appendf(nil, `{"keys":[%s]}`, test.key)
			if _, err := readKeys(data, []string{rs256}); (err == nil) != (test.want == 1) {
				t.Errorf("alone: got %v", err)
			}
		})
	}
}

func TestKeyOfAnotherCurve(t *testing.T) {
	t.Parallel()
	m := tokentest.Public(t, "e", ecKey)
	data := tokentest.KeySet(t, m)
	if _, err := readKeys(data, []string{"ES384", "RS256"}); err == nil {
		t.Error("a key on P-256 counts for ES384")
	}
	m.X = tokentest.Public(t, "d", edKey).X
	if _, err := readKeys(tokentest.KeySet(t, m), []string{"ES256"}); err == nil {
		t.Error("a point beside the curve counts")
	}
	if keys, err := readKeys(data, []string{"ES256", "ES384"}); err != nil || len(keys[0].algorithms) != 1 {
		t.Errorf("got %+v, %v, want a key for ES256 only", keys, err)
	}
}

// TestProviderOutOfBounds has a provider whose answer is too large, too slow,
// invalid, or a redirect.
func TestProviderOutOfBounds(t *testing.T) {
	t.Parallel()
	c := newClock()
	text := tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c), named("r"))
	fine := tokentest.KeySet(t, tokentest.Public(t, "r", rsaKey))
	elsewhere := tokentest.NewProvider(t, tokentest.Public(t, "r", rsaKey))
	many := make([]jwkset.JWKMarshal, maxKeys+1)
	for i := range many {
		many[i] = tokentest.Public(t, fmt.Sprint("k", i), edKey)
	}
	many[0] = tokentest.Public(t, "r", rsaKey)
	write := func(data []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
	}
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   string // "" for keys
	}{
		{"as large as may be", write(append(bytes.Clone(fine), bytes.Repeat([]byte(" "), maxKeySet-len(fine))...)), ""},
		{"larger", write(append(bytes.Clone(fine), bytes.Repeat([]byte(" "), maxKeySet-len(fine)+1)...)), "more than 262144 bytes"},
		{"without an end", func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(bytes.Repeat([]byte(" "), 1<<16)); err != nil {
					return
				}
			}
		}, "more than 262144 bytes"},
		{"as many keys as may be", write(tokentest.KeySet(t, many[:maxKeys]...)), ""},
		{"more keys", write(tokentest.KeySet(t, many...)), "51 keys, more than 50"},
		{"slow to begin", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "deadline exceeded"},
		{"slow to end", func(w http.ResponseWriter, r *http.Request) {
			_, _ = w.Write(fine[:len(fine)-1])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "deadline exceeded"},
		{"a redirect to another scheme", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}, "status 302, not 200 (redirects are not followed)"},
		{"a redirect to somewhere else", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusMovedPermanently)
		}, "status 301, not 200"},
		{"an error with keys", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			_, _ = w.Write(fine)
		}, "status 500"},
		{"no JSON", write([]byte("<html>")), "expected a JSON object"},
		{"no object", write([]byte("[]")), "expected a JSON object"},
		{"null", write([]byte("null")), "none of its 0 keys is for [RS256]"},
		{"no keys", write([]byte(`{"keys":[]}`)), "none of its 0 keys"},
		{"a deep one", write([]byte(strings.Repeat("[", 200_000))), "expected a JSON object"},
		{"a connection that breaks", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "fetch the keys"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := tokentest.NewProvider(t)
			p.Answer(test.answer)
			v := withKeys(t, c, p)
			if strings.HasPrefix(test.name, "slow") {
				v.keys.timeout = 50 * time.Millisecond
			}
			_, err := v.Verify(t.Context(), text)
			switch {
			case test.want == "" && err != nil:
				t.Error(err)
			case test.want != "" && (!errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want ErrUnavailable with %q", err, test.want)
			}
		})
	}
	t.Cleanup(func() { wasAsked(t, elsewhere, "by redirects", 0) })
}
