package gateway

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"
)

// Every @connections request is authorized with its own resource and whole
// body, before the gateway says anything about the connection.
func TestCommandsAreAuthorized(t *testing.T) {
	t.Parallel()
	type asked struct{ action, resource, body string }
	requests := make(chan asked, 10)
	var denied atomic.Pointer[Denial]
	a := startWith(t, Config{Authorize: func(_ *http.Request, body []byte, action, resource string) (string, *Denial) {
		requests <- asked{action, resource, string(body)}
		return "caller", denied.Load()
	}})
	c := a.connect(t)
	id := a.onlyConnection(t).id
	prefix := strings.TrimSuffix(methodARN, "$connect")
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		response, _ := a.command(t, method, url.PathEscape(id), "hello")
		if response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", method, response.Status)
		}
		want := asked{ActionManageConnections, prefix + method + "/@connections/" + id, "hello"}
		if got := <-requests; got != want {
			t.Errorf("asked about %+v, want %+v", got, want)
		}
	}
	if got := read(t, c); got != "hello" {
		t.Errorf("the client got %q", got)
	}
	denied.Store(&Denial{http.StatusForbidden, "AccessDeniedException", "not you"})
	for _, method := range []string{http.MethodPost, http.MethodGet, http.MethodDelete} {
		for _, id := range []string{id, newID(), "no such id"} {
			response, body := a.command(t, method, url.PathEscape(id), "")
			if response.StatusCode != http.StatusForbidden || response.Header.Get("X-Amzn-ErrorType") != "AccessDeniedException" ||
				body != `{"message":"not you"}` {
				t.Errorf("%s %s: %s %v %s", method, id, response.Status, response.Header, body)
			}
			<-requests
		}
	}
	_, err := a.sdk().PostToConnection(timeout(t), &api.PostToConnectionInput{ConnectionId: &id, Data: []byte("x")})
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "AccessDeniedException" || refused.ErrorMessage() != "not you" {
		t.Errorf("the SDK sees %v", err)
	}
}

// A body is authorized as a whole also when it is too large to be sent.
func TestTooLargeBodyIsAuthorizedFirst(t *testing.T) {
	t.Parallel()
	var size atomic.Int64
	a := startWith(t, Config{Authorize: func(_ *http.Request, body []byte, _, _ string) (string, *Denial) {
		size.Store(int64(len(body)))
		return "", nil
	}})
	a.connect(t)
	response, _ := a.command(t, http.MethodPost, a.onlyConnection(t).id, strings.Repeat("x", 200<<10))
	if response.StatusCode != http.StatusRequestEntityTooLarge || size.Load() != 200<<10 {
		t.Errorf("%s, %d bytes were authorized", response.Status, size.Load())
	}
}

func TestHandshakeWithIAM(t *testing.T) {
	t.Parallel()
	authorize := func(r *http.Request, _ []byte, action, resource string) (string, *Denial) {
		if action != ActionInvoke || resource != methodARN {
			t.Errorf("asked about %s on %s", action, resource)
		}
		if r.Header.Get("Authorization") != "signed" {
			return "", &Denial{http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token"}
		}
		return "", nil
	}
	a := startWith(t, Config{Authorize: authorize}, Route{Key: "$connect", IAM: true})
	if _, response, err := a.dial(t, "", nil); err == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("without a signature: %v, %v", response, err)
	}
	if _, response, err := a.dial(t, "", http.Header{"Authorization": {"signed"}}); err != nil {
		t.Errorf("with a signature: %v, %v", response, err)
	}
	open := startWith(t, Config{Authorize: authorize})
	open.connect(t)
}
