package apigateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// places are where the code of an error may be found.
var places = []struct{ name, header, body, kind string }{
	{"header", "%s", "", "%s"},
	{"header with address", "%s:http://internal.amazon.com/coral/com.amazon.coral.service/", `{"message":"no"}`, "%s"},
	{"header with namespace", "com.amazon#%s", `{"message":"no"}`, "%s"},
	{"header and code", "%s", `{"code":"Other","message":"no"}`, "%s"},
	{"code", "", `{"code":"%s","message":"no"}`, "%s"},
	{"type", "", `{"__type":"com.amazon#%s:http://x","Message":"no"}`, "%s"},
	{"code and type", "", `{"code":"%s","__type":"Other"}`, "%s"},
	{"nowhere", "", `{"message":"no"}`, ""},
	{"empty object", "", `{}`, ""},
	{"no body", "", "", ""},
	{"a page", "", "<html><body>502 Bad Gateway</body></html>", ""},
	{"header and a page", "%s", "<html>", "%s"},
	{"half a JSON", "", `{"message":"n`, ""},
	{"another JSON", "", `[1]`, ""},
	{"odd JSON", "%s", `{"message":{"a":1}}`, "%s"},
}

// fill puts a kind where a pattern wants it.
func fill(pattern, kind string) string { return strings.ReplaceAll(pattern, "%s", kind) }

// TestErrorsMeanWhatTheSDKSays compares errors with those of the SDK's client for
// the same status.
func TestErrorsMeanWhatTheSDKSays(t *testing.T) {
	t.Parallel()
	var status int
	var header, body string
	poster := newPoster(t, func(w http.ResponseWriter, r *http.Request) {
		if header != "" {
			w.Header().Set("X-Amzn-ErrorType", header)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	callbackURL := "http://" + poster.stage.host + "/prod"
	sdk := apigatewaymanagementapi.NewFromConfig(config(), func(o *apigatewaymanagementapi.Options) {
		o.BaseEndpoint, o.Retryer = &callbackURL, aws.NopRetryer{}
	})
	id := "c1"
	kinds := map[int]string{403: "ForbiddenException", 410: "GoneException", 413: "PayloadTooLargeException", 429: "LimitExceededException"}
	for _, status = range []int{200, 201, 300, 304, 400, 401, 403, 404, 408, 409, 410, 413, 418, 422, 429, 499, 500, 501, 502, 503, 504, 599} {
		for _, place := range places {
			kind := kinds[status]
			if kind == "" {
				kind = "InternalServerErrorException"
			}
			header, body = fill(place.header, kind), fill(place.body, kind)
			got := poster.Post(t.Context(), id, frame)
			_, want := sdk.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: frame.Data})
			closed := poster.Close(t.Context(), id)
			_, sdkClosed := sdk.DeleteConnection(t.Context(), &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id})
			if g, w := meanings(closed), meanings(ofSDK(sdkClosed)); (closed == nil) != (sdkClosed == nil) || !slices.Equal(g, w) {
				t.Errorf("%d to a Close means %v, by the SDK %v", status, g, w)
			}
			what := fmt.Sprintf("%d with the code in %s", status, place.name)
			if (got == nil) != (want == nil) {
				t.Errorf("%s: %v, the SDK: %v", what, got, want)
			}
			if g, w := meanings(got), meanings(ofSDK(want)); !slices.Equal(g, w) {
				t.Errorf("%s means %v, by the SDK %v", what, g, w)
			}
			var f *failure
			if got != nil && (!errors.As(got, &f) || f.status != status) {
				t.Errorf("%s: got %v", what, got)
			}
			// 304 has no body.
			if f != nil && (header != "" || status != 304) && f.kind != fill(place.kind, kind) {
				t.Errorf("%s: the error is of kind %q", what, f.kind)
			}
			var api smithy.APIError
			if errors.As(want, &api) && f.kind != "" && api.ErrorCode() != f.kind {
				t.Errorf("%s: the error is of kind %q, the SDK's of %q", what, f.kind, api.ErrorCode())
			}
		}
	}
}

// ofSDK gives an error of the SDK its meaning.
func ofSDK(err error) error {
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		return err
	}
	switch status := response.HTTPStatusCode(); {
	case status == 410:
		return delivery.ErrGone
	case status == 429:
		return delivery.ErrThrottled
	case status >= 400 && status < 500 && status != 408:
		return delivery.ErrRefused
	}
	return err
}

// meanings are the errors of package delivery that err is.
func meanings(err error) (all []error) {
	for _, sentinel := range []error{delivery.ErrGone, delivery.ErrThrottled, delivery.ErrRefused, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, sentinel) {
			all = append(all, sentinel)
		}
	}
	return all
}

// TestErrorText checks what an error says, and what it must not contain.
func TestErrorText(t *testing.T) {
	t.Parallel()
	const canonical = "The request signature we calculated does not match.\\n\\nThe Canonical String was\\n'POST\\nx-amz-security-token:IQoJtoken'"
	for _, c := range []struct{ name, kind, message, want string }{
		{"all", "ForbiddenException", "no", "the post was refused: status 403 ForbiddenException: no (request r-1)"},
		{"nothing", "", "", "the post was refused: status 403 (request r-1)"},
		{"many lines", "InvalidSignatureException", canonical, "the post was refused: status 403 InvalidSignatureException: The request signature we calculated does not match. (request r-1)"},
		{"token", "", "token IQoJtoken is wrong", "status 403: (a message that quotes the request) (request r-1)"},
		{"secret", "", "wJalrXUtnFEMI", "status 403: (a message that quotes the request) (request r-1)"},
		{"access key", "", "Credential=AKIDEXAMPLE/2026", "status 403: (a message that quotes the request) (request r-1)"},
		{"frame", "", `got {\"type\":\"pong\"}`, "status 403: (a message that quotes the request) (request r-1)"},
		{"controls", "", "a\\u001b[2Jb\\u2028c", "status 403: a?[2Jb?c (request r-1)"},
		{"long", "", strings.Repeat("x", 2*maxMessage), ": " + strings.Repeat("x", maxMessage) + "... (request r-1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			poster := newPoster(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-ErrorType", c.kind)
				w.Header().Set("x-amzn-RequestId", "r-1")
				w.WriteHeader(403)
				_, _ = io.WriteString(w, `{"message":"`+c.message+`"}`)
			})
			for who, err := range map[string]error{
				"post to connection c1: ": poster.Post(t.Context(), "c1", frame),
				"confirm connection c1: ": poster.Confirm(t.Context(), "c1"),
				"close connection c1: ":   poster.Close(t.Context(), "c1"),
			} {
				if c.name == "frame" && who[0] != 'p' {
					continue // there is nothing
				}
				if err == nil || !strings.HasPrefix(err.Error(), who) || !strings.HasSuffix(err.Error(), c.want) {
					t.Errorf("got %q, want %s... %q", err, who, c.want)
				}
			}
		})
	}
}
