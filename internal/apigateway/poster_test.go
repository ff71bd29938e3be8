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

	"github.com/roomcast/roomcast/internal/realtime"
)

// newPoster returns a poster whose stage is handler.
func newPoster(t *testing.T, handler http.HandlerFunc) *Poster {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return NewPoster(aws.Config{
		Region:      "eu-west-1",
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "token"),
		HTTPClient:  server.Client(),
		// Would catch the calls if the callback URL did not count.
		BaseEndpoint: aws.String("http://192.0.2.1"),
	}, server.URL+"/prod")
}

func TestPostRequest(t *testing.T) {
	t.Parallel()
	var method, path, auth, token, body string
	poster := newPoster(t, func(_ http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		method, path, body = r.Method, r.URL.EscapedPath(), string(b)
		auth, token = r.Header.Get("Authorization"), r.Header.Get("X-Amz-Security-Token")
	})
	if err := poster.Post(t.Context(), "R0oXAdfD0kwCH6w=", []byte(`{"type":"pong"}`)); err != nil {
		t.Fatal(err)
	}
	if method != "POST" || path != "/prod/@connections/R0oXAdfD0kwCH6w%3D" || body != `{"type":"pong"}` {
		t.Errorf("sent %s %s with body %s", method, path, body)
	}
	if !strings.Contains(auth, "/eu-west-1/execute-api/aws4_request") || token != "token" {
		t.Errorf("signed as %q with session token %q", auth, token)
	}
}

func TestConfirmRequest(t *testing.T) {
	t.Parallel()
	poster := newPoster(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "GET" || r.URL.Path != "/prod/@connections/c1" {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		_, _ = io.WriteString(w, `{"connectedAt":"2026-11-23T10:00:00Z","lastActiveAt":"2026-11-23T10:00:00Z","identity":{"sourceIp":"192.0.2.1","userAgent":"x"}}`)
	})
	if err := poster.Confirm(t.Context(), "c1"); err != nil {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	all := []error{realtime.ErrGone, realtime.ErrThrottled, realtime.ErrRefused}
	tests := []struct {
		name   string
		status int
		kind   string // X-Amzn-ErrorType
		want   error  // nil: none of them
	}{
		{"gone", 410, "GoneException", realtime.ErrGone},
		{"gone without type", 410, "", realtime.ErrGone},
		{"throttled", 429, "LimitExceededException", realtime.ErrThrottled},
		{"throttled without type", 429, "", realtime.ErrThrottled},
		{"forbidden", 403, "ForbiddenException", realtime.ErrRefused},
		{"too large", 413, "PayloadTooLargeException", realtime.ErrRefused},
		{"bad request", 400, "BadRequestException", realtime.ErrRefused},
		{"server error", 500, "InternalServerError", nil},
		{"unavailable", 503, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			poster := newPoster(t, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				if test.kind != "" {
					w.Header().Set("X-Amzn-ErrorType", test.kind)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, `{"message":"no"}`)
			})
			for _, err := range []error{
				poster.Post(t.Context(), "c1", []byte("{}")),
				poster.Confirm(t.Context(), "c1"),
			} {
				for _, sentinel := range all {
					if got := errors.Is(err, sentinel); got != (sentinel == test.want) {
						t.Errorf("error %v: is %q: %t", err, sentinel, got)
					}
				}
				if err == nil || !strings.Contains(err.Error(), "connection c1: ") {
					t.Errorf("error %v does not name the connection", err)
				}
			}
			if calls != 2 {
				t.Errorf("made %d calls for one post and one look, want no retries", calls)
			}
		})
	}
}

func TestPostEndsWithItsContext(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	poster := newPoster(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := poster.Post(ctx, "c1", []byte("{}")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
