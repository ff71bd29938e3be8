package apigateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

var frame = delivery.NewPayload([]byte(`{"type":"pong"}`))

// newPoster returns a poster whose stage is handler.
func newPoster(t testing.TB, handler http.HandlerFunc) *Poster {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return NewPoster(config(), server.URL+"/prod")
}

// config is a configuration that would catch the calls if the callback URL did
// not count.
func config() aws.Config {
	return aws.Config{
		Region:       "eu-west-1",
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "wJalrXUtnFEMI", "IQoJtoken"),
		BaseEndpoint: aws.String("http://192.0.2.1"),
	}
}

func TestConfirm(t *testing.T) {
	t.Parallel()
	poster := newPoster(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.URL.Path != "/prod/@connections/c1" || r.ContentLength != 0 {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, `{"connectedAt":"2026-11-23T10:00:00Z","lastActiveAt":"2026-11-23T10:00:00Z","identity":{"sourceIp":"192.0.2.1","userAgent":"x"}}`)
	})
	if err := poster.Confirm(t.Context(), "c1"); err != nil {
		t.Error(err)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	open := true
	poster := newPoster(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method != "DELETE" || r.URL.Path != "/prod/@connections/c1" || r.ContentLength != 0:
			w.WriteHeader(http.StatusTeapot)
		case open:
			open = false
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusGone)
		}
	})
	if err := poster.Close(t.Context(), "c1"); err != nil {
		t.Error(err)
	}
	if err := poster.Close(t.Context(), "c1"); !errors.Is(err, delivery.ErrGone) {
		t.Errorf("again: got %v, want ErrGone", err)
	}
}

// TestNothingIsSentInVain makes calls that are over before they begin.
func TestNothingIsSentInVain(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	noRegion, noCredentials := config(), config()
	noRegion.Region, noCredentials.Credentials = "", nil
	bad := config()
	bad.Credentials = credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "wJalrXUtnFEMI", "a token\r\nEvil: yes")
	failing := config()
	failing.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{}, errors.New("no role")
	})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("sent %s %s", r.Method, r.URL)
	}))
	t.Cleanup(server.Close)
	for _, c := range []struct {
		name string
		ctx  context.Context
		cfg  aws.Config
		url  string
		id   string
		is   error
		says string
	}{
		{"cancelled", cancelled, config(), server.URL, "c1", context.Canceled, "connection c1: context canceled"},
		{"no id", t.Context(), config(), server.URL, "", delivery.ErrRefused, "the connection id is empty"},
		{"no region", t.Context(), noRegion, server.URL, "c1", nil, "no AWS region is set"},
		{"no credentials", t.Context(), noCredentials, server.URL, "c1", nil, "no AWS credentials are set"},
		{"bad credentials", t.Context(), bad, server.URL, "c1", nil, "invalid AWS credentials"},
		{"failing credentials", t.Context(), failing, server.URL, "c1", nil, "get AWS credentials: no role"},
		{"no URL", t.Context(), config(), "", "c1", nil, `invalid callback URL ""`},
		{"URL of WebSockets", t.Context(), config(), "wss://example.com/prod", "c1", nil, `invalid callback URL "wss://example.com/prod": expected https://HOST/STAGE`},
		{"URL without host", t.Context(), config(), "https:///prod", "c1", nil, `invalid callback URL "https:///prod"`},
		{"broken URL", t.Context(), config(), "https://%zz", "c1", nil, "invalid callback URL: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := NewPoster(c.cfg, c.url).Post(c.ctx, c.id, frame)
			if err == nil || !strings.Contains(err.Error(), c.says) || c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v, want %q", err, c.says)
			}
			if err != nil && (strings.Contains(err.Error(), "wJalr") || strings.Contains(err.Error(), "token")) {
				t.Errorf("the error contains a secret: %v", err)
			}
		})
	}
}
