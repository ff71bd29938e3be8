package door_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/MicahParks/jwkset"
	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcasttest"
)

// What the provider's tokens say of where they come from, and for whom.
const (
	issuer   = "https://provider.example/"
	audience = "chat"
)

// provider stands in for Cognito and its like: it publishes a key.
type provider struct {
	*httptest.Server
	asked atomic.Int64
	key   *rsa.PrivateKey
}

// newProvider starts one that publishes a new key under an id.
func newProvider(t *testing.T, id string) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{key: key}
	set, err := json.Marshal(jwkset.JWKSMarshal{Keys: []jwkset.JWKMarshal{publicKey(t, id, key)}})
	if err != nil {
		t.Fatal(err)
	}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		p.asked.Add(1)
		_, _ = w.Write(set)
	}))
	t.Cleanup(p.Close)
	return p
}

// publicKey is the JSON web key of a private key.
func publicKey(t *testing.T, id string, private crypto.Signer) jwkset.JWKMarshal {
	t.Helper()
	k, err := jwkset.NewJWKFromKey(private.Public(), jwkset.JWKOptions{Metadata: jwkset.JWKMetadataOptions{KID: id, USE: jwkset.UseSig}})
	if err != nil {
		t.Fatal(err)
	}
	return k.Marshal()
}

// ofProvider are claims of its tokens, with changes.
func ofProvider(user string, changes ...object) object {
	return claims(user, append([]object{{"iss": issuer, "aud": audience}}, changes...)...)
}

// sign signs claims. header is what the header has besides alg and typ.
func sign(t *testing.T, method jwt.SigningMethod, key any, claims, header object) string {
	t.Helper()
	unsigned := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	maps.Copy(unsigned.Header, header)
	text, err := unsigned.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// signRaw signs a header and a payload as they stand.
func signRaw(t *testing.T, method jwt.SigningMethod, key any, header, payload string) string {
	t.Helper()
	text := encode(header) + "." + encode(payload)
	signature, err := method.Sign(text, key)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + encode(string(signature))
}

func encode(part string) string { return base64.RawURLEncoding.EncodeToString([]byte(part)) }

// trusting runs the stack with an authorizer that takes the provider's tokens:
// its function is told what JwtAuthorizer tells it of a JwksUrl.
func trusting(t *testing.T, p *provider) *roomcasttest.Stack {
	t.Helper()
	stack := roomcasttest.Run(t, rewritten(t, func(function object) {
		environment, _ := function["Environment"].(object)
		variables, _ := environment["Variables"].(object)
		if _, ok := variables[settings.AuthSecretARN]; !ok {
			return
		}
		delete(variables, settings.AuthSecretARN)
		maps.Copy(variables, object{
			settings.AuthJWKSURL: p.URL, settings.AuthIssuer: issuer,
			settings.AuthAudience: audience, settings.AuthAlgorithms: "RS256",
		})
	}))
	t.Cleanup(func() { checkLogs(t, stack, whisper) })
	return stack
}

// rewritten is the folder of an assembly whose functions have been changed.
func rewritten(t *testing.T, change func(function object)) string {
	t.Helper()
	files, err := os.ReadDir(assembly)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		from, to := filepath.Join(assembly, f.Name()), filepath.Join(dir, f.Name())
		if isTemplate, _ := filepath.Match("*.template.json", f.Name()); !isTemplate {
			if err := os.Symlink(from, to); err != nil {
				t.Fatal(err)
			}
			continue
		}
		data, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		var template object
		if err := json.Unmarshal(data, &template); err != nil {
			t.Fatal(err)
		}
		for _, r := range template["Resources"].(object) {
			if r := r.(object); r["Type"] == "AWS::Lambda::Function" {
				change(r["Properties"].(object))
			}
		}
		if data, err = json.Marshal(template); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
