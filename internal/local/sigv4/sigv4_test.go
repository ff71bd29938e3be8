package sigv4_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/roomcast/roomcast/internal/local/sigv4"
)

var (
	signedAt    = time.Date(2026, 3, 4, 23, 59, 58, 0, time.UTC)
	credentials = aws.Credentials{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: "wJalr/XUtn+FEMI", SessionToken: "IQoJ/token+=="}
)

func secret() *sigv4.Secret {
	return sigv4.NewSecret(credentials.SecretAccessKey, credentials.SessionToken)
}

// received is the request as a server's handler sees it.
func received(t testing.TB, sent *http.Request) *http.Request {
	t.Helper()
	var wire bytes.Buffer
	if err := sent.Write(&wire); err != nil {
		t.Fatal(err)
	}
	return parse(t, wire.String())
}

// signed is a request signed by the SDK, as a server sees it.
func signed(t testing.TB, method, url, body string, change func(*http.Request)) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hash(body), "execute-api", "us-east-1", signedAt); err != nil {
		t.Fatal(err)
	}
	return received(t, r)
}

func hash(body string) string {
	sum := sha256.Sum256([]byte(body))
	return hex.EncodeToString(sum[:])
}

func verify(t *testing.T, r *http.Request, now time.Time) error {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	q, err := sigv4.Parse(r)
	if err != nil {
		return err
	}
	return secret().Verify(q, r, body, now)
}

// The SDK's signer is the oracle.
func TestVerifiesWhatTheSDKSigns(t *testing.T) {
	t.Parallel()
	header := func(name string, values ...string) func(*http.Request) {
		return func(r *http.Request) { r.Header[http.CanonicalHeaderKey(name)] = values }
	}
	for _, c := range []struct {
		name, method, url, body string
		change                  func(*http.Request)
	}{
		{"post", "POST", "http://127.0.0.1:3000/prod/@connections/Zm9v", "hello", nil},
		{"no body", "GET", "http://127.0.0.1:3000/prod/@connections/Zm9v", "", nil},
		{"no path", "POST", "http://127.0.0.1:3000", "{}", nil},
		{"escaped id", "POST", "http://127.0.0.1/prod/@connections/Zm9v%3D", "x", nil},
		{"unescaped id", "POST", "http://127.0.0.1/prod/@connections/Zm9v=", "x", nil},
		{"escaped at sign", "POST", "http://127.0.0.1/prod/%40connections/a%2Fb%3D", "x", nil},
		{"path with the rest", "GET", "http://127.0.0.1/a-b_c.d~e/f+g/h%20i/%C3%A9/", "", nil},
		{"query", "GET", "http://127.0.0.1/p?b=2&a=1&a=%20x&c&d=%2f&e=a+b&f=%7E", "", nil},
		{"default port", "POST", "http://localhost:80/p", "x", nil},
		{"content type", "POST", "http://127.0.0.1/", "x", header("Content-Type", "application/x-amz-json-1.0")},
		{"spaces in a header", "POST", "http://127.0.0.1/", "x", header("X-Amz-Note", "  a   b  c ")},
		{"header of several values", "POST", "http://127.0.0.1/", "x", header("X-Amz-Note", "a", "b c")},
		{"another host", "POST", "http://127.0.0.1/", "x", func(r *http.Request) { r.Host = "dynamodb.us-east-1.amazonaws.com" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := verify(t, signed(t, c.method, c.url, c.body, c.change), signedAt.Add(time.Minute)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestVerifiesAPresignedRequest(t *testing.T) {
	t.Parallel()
	r, err := http.NewRequest("GET", "http://127.0.0.1/prod/@connections/Zm9v%3D?z=1&X-Amz-Expires=60", nil)
	if err != nil {
		t.Fatal(err)
	}
	url, _, err := v4.NewSigner().PresignHTTP(t.Context(), credentials, r, hash(""), "execute-api", "us-east-1", signedAt)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		url   string
		after time.Duration
		code  string
	}{
		{"good", url, time.Minute, ""},
		{"expired", url, time.Minute + time.Second, sigv4.Invalid},
		{"changed", strings.Replace(url, "z=1", "z=2", 1), 0, sigv4.Invalid},
		{"no time", strings.Replace(url, "X-Amz-Expires=60", "", 1), 0, sigv4.Incomplete},
		{"too long", strings.Replace(url, "X-Amz-Expires=60", "X-Amz-Expires=604801", 1), 0, sigv4.Incomplete},
		{"no signature", strings.Replace(url, "X-Amz-Signature", "X-Signature", 1), 0, sigv4.Incomplete},
		{"another algorithm", strings.Replace(url, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", 1), 0, sigv4.MissingToken},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sent, err := http.NewRequest("GET", c.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			wantCode(t, verify(t, received(t, sent), signedAt.Add(c.after)), c.code)
		})
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	switch e := sigv4.As(err); {
	case code == "" && err != nil:
		t.Errorf("refused: %v", err)
	case code != "" && (e == nil || e.Code != code):
		t.Errorf("got the error %v, want %s", err, code)
	}
}

func TestRefusesWhatWasChangedAfterSigning(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		code   string
	}{
		{"nothing", func(*http.Request) {}, ""},
		{"the method", func(r *http.Request) { r.Method = "DELETE" }, sigv4.Invalid},
		{"the path", func(r *http.Request) { r.URL.Path = "/prod/@connections/YmFy" }, sigv4.Invalid},
		{"the query", func(r *http.Request) { r.URL.RawQuery = "a=1" }, sigv4.Invalid},
		{"the body", func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader("hallo")) }, sigv4.Invalid},
		{"a signed header", func(r *http.Request) { r.Header.Set("X-Amz-Note", "b") }, sigv4.Invalid},
		{"a header that is not signed", func(r *http.Request) { r.Header.Set("Accept", "x") }, ""},
		{"the host", func(r *http.Request) { r.Host = "elsewhere" }, sigv4.Invalid},
		{"the time", func(r *http.Request) { r.Header.Set("X-Amz-Date", "20260304T235959Z") }, sigv4.Invalid},
		{"the session token", func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }, sigv4.Unrecognized},
		{"no session token", func(r *http.Request) { r.Header.Del("X-Amz-Security-Token") }, sigv4.Unrecognized},
		{"the region", replace("us-east-1", "eu-west-1"), sigv4.Invalid},
		{"the service", replace("execute-api", "dynamodb"), sigv4.Invalid},
		{"the signature", replace("Signature=", "Signature=0"), sigv4.Invalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := signed(t, "POST", "http://127.0.0.1/prod/@connections/Zm9v", "hello", func(r *http.Request) { r.Header.Set("X-Amz-Note", "a") })
			c.change(r)
			wantCode(t, verify(t, r, signedAt), c.code)
		})
	}
}

func replace(old, with string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, with, 1))
	}
}

func TestRefusesAnotherTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		after time.Duration
		says  string
	}{
		{"five minutes old", 5 * time.Minute, ""},
		{"five minutes early", -5 * time.Minute, ""},
		{"older", 5*time.Minute + time.Second, "Signature expired: 20260304T235958Z is now earlier than 20260304T235959Z (20260305T000459Z - 5 min.)"},
		{"earlier", -5*time.Minute - time.Second, "Signature not yet current: 20260304T235958Z is still later than 20260304T235957Z (20260304T235457Z + 5 min.)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := verify(t, signed(t, "POST", "http://127.0.0.1/", "x", nil), signedAt.Add(c.after))
			if e := sigv4.As(err); c.says == "" && err != nil || c.says != "" && (e == nil || e.Code != sigv4.Invalid || e.Message != c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// More scopes than are remembered do no harm, and cost no memory.
func TestManyScopes(t *testing.T) {
	t.Parallel()
	s := secret()
	for day := range 100 {
		at := signedAt.AddDate(0, 0, day)
		r, err := http.NewRequest("POST", "http://127.0.0.1/", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hash("x"), "sqs", "us-east-1", at); err != nil {
			t.Fatal(err)
		}
		q, err := sigv4.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(q, received(t, r), []byte("x"), at); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	r := signed(b, "POST", "http://127.0.0.1:3000/prod/@connections/Zm9vYmFyYmF6cXV4%3D", strings.Repeat("x", 200), nil)
	body, _ := io.ReadAll(r.Body)
	s := secret()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			q, err := sigv4.Parse(r)
			if err == nil {
				err = s.Verify(q, r, body, signedAt)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
