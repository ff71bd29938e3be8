package apigateway

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"github.com/roomcast/roomcast/internal/local/sigv4"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// written returns the request that a call becomes, as a server reads it.
func written(t testing.TB, callbackURL, region string, c aws.Credentials, at time.Time, what call) (*http.Request, string) {
	t.Helper()
	to, err := parseStage(callbackURL)
	if err != nil {
		t.Fatal(err)
	}
	x := &exchange{at: at, key: derive(c, at.Format(dayFormat), region)}
	x.write(to, what)
	r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(x.request)))
	if err != nil {
		t.Fatalf("%v: %q", err, x.request)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, string(body)
}

// FuzzSign signs as the SDK's signer does, and as the local API Gateway wants
// it, whatever the id, the body, the path and the token.
func FuzzSign(f *testing.F) {
	f.Add("R0oXAdfD0kwCH6w=", `{"type":"pong"}`, "prod", "IQoJ+/token==", "wJalr/XUtn+FEMI", int64(1772668798), true)
	f.Add("a/b%3D c?d#é\r\n\x00\xff", "", "", "", "s", int64(0), true)
	f.Add("..", "ignored", "v1.0_x-y+z!$", "t", "wJalr", int64(1700000000), false)
	f.Fuzz(func(t *testing.T, id, body, base, token, secret string, unix int64, post bool) {
		at := time.Unix(unix, 0).UTC()
		if at.Year() < 1970 || at.Year() > 9999 || !fitsHeader(token) || secret == "" || id == "" || strings.ContainsAny(base, "?#") {
			return
		}
		callbackURL := "https://example.com/" + base
		if to, err := parseStage(callbackURL); err != nil || to.path == "" {
			return
		}
		what := call{http.MethodGet, id, noFrame}
		if post {
			what = call{http.MethodPost, id, delivery.NewPayload([]byte(body))}
		}
		credentials := aws.Credentials{AccessKeyID: "ASIAEXAMPLE", SecretAccessKey: secret, SessionToken: token}
		got, gotBody := written(t, callbackURL, "eu-west-1", credentials, at, what)
		if gotBody != string(what.frame.Data) {
			t.Errorf("sent body %q, want %q", gotBody, what.frame.Data)
		}
		wantSameSignature(t, got, what.frame, credentials, at)
		q, err := sigv4.Parse(got)
		if err == nil {
			err = sigv4.NewSecret(secret, token).Verify(q, got, what.frame.Data, at.Add(time.Minute))
		}
		if err != nil {
			t.Errorf("refused: %v", err)
		}
	})
}

// wantSameSignature compares the signature of a request with the SDK signer's.
func wantSameSignature(t *testing.T, got *http.Request, frame delivery.Payload, c aws.Credentials, at time.Time) {
	t.Helper()
	want := got.Clone(t.Context())
	want.URL.Host, want.URL.Scheme = got.Host, "https"
	want.Header.Del("Authorization")
	// The SDK sets these itself.
	want.Header.Del("Content-Length")
	if err := v4.NewSigner().SignHTTP(t.Context(), c, want, frame.Hash, service, "eu-west-1", at); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Authorization", "X-Amz-Date", "X-Amz-Security-Token"} {
		if got.Header.Get(name) != want.Header.Get(name) {
			t.Errorf("sent %s %q, the SDK %q", name, got.Header.Get(name), want.Header.Get(name))
		}
	}
}

// TestKeys derives a key when the day or the credentials change, and only
// then.
func TestKeys(t *testing.T) {
	t.Parallel()
	server := newRecorder(t, false)
	current := aws.Credentials{AccessKeyID: "ASIAONE", SecretAccessKey: "one", SessionToken: "token1"}
	cfg := config()
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) { return current, nil })
	p := server.poster(cfg, "http://example.com/prod")
	now := signedAt // two seconds before midnight
	p.now = func() time.Time { return now }
	for _, step := range []struct {
		name    string
		change  func()
		derives bool
	}{
		{"first", func() {}, true},
		{"again", func() {}, false},
		{"a second before midnight", func() { now = now.Add(time.Second) }, false},
		{"midnight", func() { now = now.Add(time.Second) }, true},
		{"after midnight", func() { now = now.Add(time.Hour) }, false},
		{"in another time zone", func() { now = now.In(time.FixedZone("west", -5*3600)) }, false},
		{"new token", func() { current.SessionToken = "token2" }, true},
		{"new key", func() { current.AccessKeyID = "ASIATWO" }, true},
		{"new secret", func() { current.SecretAccessKey = "two" }, true},
		{"no token", func() { current.SessionToken = "" }, true},
		{"the same", func() {}, false},
	} {
		step.change()
		before := p.signer.last.Load()
		if err := p.Post(t.Context(), "c1", frame); err != nil {
			t.Fatal(err)
		}
		if derived := p.signer.last.Load() != before; derived != step.derives {
			t.Errorf("%s: derived a key: %t, want %t", step.name, derived, step.derives)
		}
		got := <-server.got
		r, err := http.NewRequest(got.method, "http://example.com"+got.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header, r.ContentLength = got.header, int64(len(got.body))
		q, err := sigv4.Parse(r)
		if err == nil {
			err = sigv4.NewSecret(current.SecretAccessKey, current.SessionToken).Verify(q, r, []byte(got.body), now)
		}
		if err != nil || q.AccessKeyID != current.AccessKeyID {
			t.Errorf("%s: signed by %s: %v", step.name, q.AccessKeyID, err)
		}
	}
}

// TestWaitsForCredentialsNotForever gets credentials from a provider that
// hangs, as that of a container may.
func TestWaitsForCredentialsNotForever(t *testing.T) {
	t.Parallel()
	var bound time.Duration
	cfg := config()
	cfg.Credentials = aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		deadline, _ := ctx.Deadline()
		bound = time.Until(deadline)
		return aws.Credentials{}, context.DeadlineExceeded
	})
	if err := NewPoster(cfg, "http://192.0.2.1").Post(t.Context(), "c1", frame); err == nil || !strings.Contains(err.Error(), "no answer in time") {
		t.Errorf("got %v", err)
	}
	if bound <= 0 || bound > postTimeout {
		t.Errorf("credentials may take %v, want at most %v", bound, postTimeout)
	}
}
