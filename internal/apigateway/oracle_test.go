package apigateway

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
)

// signedAt is when the requests of these tests are signed.
var signedAt = time.Date(2026, 3, 4, 23, 59, 58, 0, time.UTC)

// recorded is a request as it came over the wire.
type recorded struct {
	method, path, host, body string
	header                   http.Header
}

// recorder is a server for any host name that records its requests.
type recorder struct {
	*httptest.Server
	got chan recorded
}

func newRecorder(t testing.TB, secure bool) recorder {
	t.Helper()
	r := recorder{got: make(chan recorded, 1)}
	r.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
		}
		r.got <- recorded{q.Method, q.RequestURI, q.Host, string(body), q.Header}
	}))
	if secure {
		r.StartTLS()
	} else {
		r.Start()
	}
	t.Cleanup(r.Close)
	return r
}

// roots are the TLS settings to reach the recorder with.
func (r recorder) roots() *tls.Config {
	if t, ok := r.Client().Transport.(*http.Transport); ok && t.TLSClientConfig != nil {
		return t.TLSClientConfig
	}
	return &tls.Config{}
}

// client returns an HTTP client that reaches the recorder at any address.
func (r recorder) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: r.roots(),
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, r.Listener.Addr().String())
		},
	}}
}

// poster returns a poster that reaches the recorder at any callback URL.
func (r recorder) poster(cfg aws.Config, callbackURL string) *Poster {
	cfg.HTTPClient = r.client()
	p := NewPoster(cfg, callbackURL)
	p.now = func() time.Time { return signedAt }
	there := p.stage
	there.address = r.Listener.Addr().String()
	p.sockets.dial = newDialer(cfg.HTTPClient, there)
	return p
}

// oracle returns the SDK's client for the recorder.
func (r recorder) oracle(cfg aws.Config, callbackURL string, change func(*apigatewaymanagementapi.Options)) *apigatewaymanagementapi.Client {
	cfg.HTTPClient = r.client()
	return apigatewaymanagementapi.NewFromConfig(cfg, func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint, o.Retryer = &callbackURL, aws.NopRetryer{}
		change(o)
	})
}

// pinned signs at signedAt, and leaves out the headers that say nothing but
// how often the SDK tried.
type pinned struct{ *v4.Signer }

func (p pinned) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, _ time.Time, o ...func(*v4.SignerOptions)) error {
	r.Header.Del("Amz-Sdk-Invocation-Id")
	r.Header.Del("Amz-Sdk-Request")
	return p.Signer.SignHTTP(ctx, c, r, hash, service, region, signedAt, o...)
}

func pin(o *apigatewaymanagementapi.Options) { o.HTTPSignerV4 = pinned{v4.NewSigner()} }

var oracleURLs = []string{
	"http://example.com/prod",
	"https://example.com/prod",
	"https://example.com/prod/",
	"https://example.com",
	"https://example.com/",
	"https://example.com:443/prod",
	"http://example.com:80",
	"http://example.com:443/prod",
	"https://example.com:8443/a/b",
	"http://example.com:3000/v1.0_x-y+z!$",
	"https://example.com/a%2Fb/c",
	"https://example.com/prod?query=1",
}

var oracleIDs = []string{
	"R0oXAdfD0kwCH6w=", "a/b", "a+b==", "a%3Db", "a b", "a?b#c&d", "~-._", "..", "é", "日本", "a\r\nEvil: yes",
}

// TestSendsWhatTheSDKSends makes the same calls as the SDK's own client.
func TestSendsWhatTheSDKSends(t *testing.T) {
	t.Parallel()
	plain, secure := newRecorder(t, false), newRecorder(t, true)
	for _, callbackURL := range oracleURLs {
		for _, token := range []string{"", "IQoJb3JpZ2lu/token+=="} {
			cfg := config()
			cfg.Credentials = credentials.NewStaticCredentialsProvider("ASIAEXAMPLE", "wJalr/XUtn+FEMI", token)
			server := plain
			if u, _ := url.Parse(callbackURL); u.Scheme == "https" {
				server = secure
			}
			own, sdk := server.poster(cfg, callbackURL), server.oracle(cfg, callbackURL, pin)
			for _, id := range oracleIDs {
				if err := own.Post(t.Context(), id, frame); err != nil {
					t.Fatal(err)
				}
				got := <-server.got
				if _, err := sdk.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: frame.Data}); err != nil {
					t.Fatal(err)
				}
				same(t, callbackURL, got, <-server.got)

				if err := own.Confirm(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				got = <-server.got
				// The SDK fails to parse the answer, which has no body.
				_, _ = sdk.GetConnection(t.Context(), &apigatewaymanagementapi.GetConnectionInput{ConnectionId: &id})
				same(t, callbackURL, got, <-server.got)

				if err := own.Close(t.Context(), id); err != nil {
					t.Fatal(err)
				}
				got = <-server.got
				if _, err := sdk.DeleteConnection(t.Context(), &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id}); err != nil {
					t.Fatal(err)
				}
				same(t, callbackURL, got, <-server.got)
			}
		}
	}
}

// same compares a request with the SDK's, and lists the permitted differences.
func same(t *testing.T, callbackURL string, got, want recorded) {
	t.Helper()
	for _, name := range []string{"User-Agent", "Accept-Encoding"} {
		if want.header.Get(name) == "" {
			t.Errorf("the SDK sent no %s any more", name)
		}
		want.header.Del(name)
	}
	if got.header.Get("User-Agent") != "roomcast" {
		t.Errorf("sent User-Agent %q", got.header.Get("User-Agent"))
	}
	got.header.Del("User-Agent")
	for name := range want.header {
		if got.header.Get(name) != want.header.Get(name) {
			t.Errorf("%s %s to %s: sent %s: %q, the SDK %q", got.method, got.path, callbackURL, name, got.header.Get(name), want.header.Get(name))
		}
	}
	if len(got.header) != len(want.header) {
		t.Errorf("sent headers %v, the SDK %v", got.header, want.header)
	}
	if got.method != want.method || got.path != want.path || got.host != want.host || got.body != want.body {
		t.Errorf("sent %s %s to host %s with %q, the SDK %s %s to host %s with %q",
			got.method, got.path, got.host, got.body, want.method, want.path, want.host, want.body)
	}
}

// TestHeadersThatAreLeftOut checks which headers only the SDK sends.
func TestHeadersThatAreLeftOut(t *testing.T) {
	t.Parallel()
	server := newRecorder(t, false)
	sdk := server.oracle(config(), "http://example.com/prod", func(*apigatewaymanagementapi.Options) {})
	id := "c1"
	if _, err := sdk.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: frame.Data}); err != nil {
		t.Fatal(err)
	}
	want := <-server.got
	if err := server.poster(config(), "http://example.com/prod").Post(t.Context(), id, frame); err != nil {
		t.Fatal(err)
	}
	got := <-server.got
	leftOut := map[string]bool{"Accept-Encoding": true, "Amz-Sdk-Invocation-Id": true, "Amz-Sdk-Request": true}
	for name := range want.header {
		if _, ok := got.header[name]; ok == leftOut[name] {
			t.Errorf("the SDK sends %s, a poster: %t", name, ok)
		}
	}
	if len(got.header)+len(leftOut) != len(want.header) {
		t.Errorf("sent headers %v, the SDK %v", got.header, want.header)
	}
}
