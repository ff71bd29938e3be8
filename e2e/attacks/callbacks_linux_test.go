package attacks_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// TestForgedCallbacks calls @connections, which anyone can reach, because it is
// on the same host as the sockets.
func TestForgedCallbacks(t *testing.T) {
	t.Parallel()
	d := guarded(t)
	ada := d.as(t, "ada", "roomId", "lobby")
	bob := d.as(t, "bob", "roomId", "lobby")
	// Runs the functions whose keys are read below.
	taken(t, ada, object{"action": "presence"}, "presence")
	taken(t, ada, object{"action": "sendMessage", "message": whisper}, "ack")
	bob.Await("message")
	rows := d.Items(t, connections, "USER#bob")
	if len(rows) != 1 {
		t.Fatalf("bob's connections: %v", rows)
	}
	to := d.CallbackURL() + "/@connections/" + url.PathEscape(rows[0].Text("connectionId"))
	admin, err := d.Config().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stranger := aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
	half := admin
	half.SecretAccessKey = stranger.SecretAccessKey
	rooms, messages := d.keysOf(t, "rooms"), d.keysOf(t, "messages")
	const forged = `{"type":"message","roomId":"lobby","userId":"ada","message":"` + whisper + `"}`

	for _, call := range []struct {
		what, method string
		key          aws.Credentials
		change       func(*http.Request)
		at           time.Time
	}{
		{what: "not signed", method: http.MethodPost},
		{what: "a token instead of a signature", method: http.MethodPost, change: func(r *http.Request) {
			r.Header.Set("Authorization", "Bearer "+d.token(t, "ada"))
		}},
		{what: "signed with a key that does not exist", method: http.MethodPost, key: stranger},
		{what: "signed with the id of a good key and another secret", method: http.MethodPost, key: half},
		{what: "signed an hour ago", method: http.MethodPost, key: admin, at: time.Now().Add(-time.Hour)},
		{what: "signed for another connection", method: http.MethodPost, key: admin, change: func(r *http.Request) {
			r.URL.Path = strings.Replace(r.URL.Path, "@connections/", "@connections/x", 1)
			r.URL.RawPath = ""
		}},
		{what: "signed for GET and sent as DELETE", method: http.MethodGet, key: admin, change: func(r *http.Request) { r.Method = http.MethodDelete }},
		{what: "signed as the function `rooms`, which may not post", method: http.MethodPost, key: rooms},
		{what: "signed as the function `rooms`, to close a connection", method: http.MethodDelete, key: rooms},
		{what: "signed as the function `messages`, which may post, to close a connection", method: http.MethodDelete, key: messages},
		{what: "another method", method: http.MethodPut, key: admin},
	} {
		attempt(t, call.what, "API Gateway and IAM: 403", func(t *testing.T) {
			if call.at.IsZero() {
				call.at = time.Now()
			}
			if got := callback(t, call.method, to, forged, call.key, call.at, call.change); got != 403 {
				t.Errorf("status %d, want 403", got)
			}
		})
	}
	attempt(t, "the control: signed as the function `messages`, to post", "200, which is no attack", func(t *testing.T) {
		if got := callback(t, http.MethodPost, to, `{"type":"control"}`, messages, time.Now(), nil); got != 200 {
			t.Errorf("status %d, want 200", got)
		}
		bob.Await("control")
	})
	if got := bob.Collect(200 * time.Millisecond); len(got) != 0 {
		t.Errorf("bob got %v", got)
	}
	taken(t, bob, object{"action": "ping"}, "pong") // not closed
}

// callback makes a signed call of @connections, unless there is no key, and
// returns its status. change is applied after signing.
func callback(t *testing.T, method, to, body string, key aws.Credentials, at time.Time, change func(*http.Request)) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key.AccessKeyID != "" {
		hash := sha256.Sum256([]byte(body))
		if err := v4.NewSigner().SignHTTP(context.Background(), key, r, hex.EncodeToString(hash[:]), "execute-api", "us-east-1", at); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(r)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}
