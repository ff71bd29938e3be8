package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/token"
)

const sharedSecret = "0123456789abcdefghijklmnopqrstuv"

// runToken runs the command.
func runToken(t *testing.T, stdin string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := tokenCommand()
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	cmd.SetArgs(args)
	cmd.SetIn(strings.NewReader(stdin))
	cmd.SetOut(&out)
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func secretFile(t *testing.T, secret string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func verified(t *testing.T, printed string) token.Claims {
	t.Helper()
	v, err := token.NewVerifier(token.Config{
		Secrets: func(context.Context) ([]string, error) { return []string{sharedSecret}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := v.Verify(t.Context(), strings.TrimSuffix(printed, "\n"))
	if err != nil {
		t.Fatalf("%q: %v", printed, err)
	}
	return claims
}

func TestToken(t *testing.T) {
	t.Parallel()
	file := secretFile(t, sharedSecret+"\n")
	printed, err := runToken(t, "", "--secret-file", file, "--user", "ada")
	if err != nil {
		t.Fatal(err)
	}
	if got := verified(t, printed); got.UserID != "ada" || got.All["roomcast"] != nil || got.All["exp"].(float64)-got.All["iat"].(float64) != 3600 {
		t.Errorf("got %+v, want ada for an hour, with no permissions claimed", got)
	}
	printed, err = runToken(t, "", "--secret-file", file, "--user", "ada", "--expires", "5m", "--issuer", "me", "--audience", "chat",
		"--claim", "plan=paid=yes", "--rooms", "lobby", "--rooms", "team-*", "--join", "j", "--send", "s", "--history", "h", "--notify", "bob",
		"--deny-rooms", "dr", "--deny-join", "dj", "--deny-send", "ds", "--deny-history", "dh", "--deny-notify", "dn")
	if err != nil {
		t.Fatal(err)
	}
	got := verified(t, printed)
	one := func(p string) permission.Patterns { return permission.Patterns{p} }
	want := permission.Permissions{
		Rules: permission.Rules{Rooms: permission.Patterns{"lobby", "team-*"}, Join: one("j"), Send: one("s"), History: one("h"), Notify: one("bob")},
		Deny:  permission.Rules{Rooms: one("dr"), Join: one("dj"), Send: one("ds"), History: one("dh"), Notify: one("dn")},
	}
	if !reflect.DeepEqual(got.Permissions, want) {
		t.Errorf("got %+v, want %+v", got.Permissions, want)
	}
	if got.All["iss"] != "me" || got.All["aud"] != "chat" || got.All["plan"] != "paid=yes" || got.All["exp"].(float64)-got.All["iat"].(float64) != 300 {
		t.Errorf("got %v", got.All)
	}
}

// TestTokenOfAStack reads the secret of a run.
func TestTokenOfAStack(t *testing.T) {
	t.Parallel()
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		var body bytes.Buffer
		_, _ = body.ReadFrom(r.Body)
		if !strings.Contains(body.String(), `"SecretId":"the-arn"`) || strings.Contains(body.String(), "AWSPREVIOUS") {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ResourceNotFoundException"}`)
			return
		}
		fmt.Fprintf(w, `{"SecretString":%q}`, sharedSecret)
	}))
	t.Cleanup(aws.Close)
	run := func(arn string) string {
		return fmt.Sprintf(`{"ready":true,"outputs":{"AuthSecretArn":%q},"environment":{"AWS_REGION":"us-east-1","AWS_ENDPOINT_URL":%q,"AWS_ACCESS_KEY_ID":"a","AWS_SECRET_ACCESS_KEY":"b"}}`, arn, aws.URL)
	}
	printed, err := runToken(t, run("the-arn")+"\nmore", "--outputs", "-", "--user", "ada")
	if err != nil {
		t.Fatal(err)
	}
	if got := verified(t, printed); got.UserID != "ada" {
		t.Errorf("got %+v", got)
	}
	if _, err := runToken(t, run("another"), "--outputs", "-", "--user", "ada"); err == nil || !strings.Contains(err.Error(), "get the secret another") {
		t.Errorf("another secret: got %v", err)
	}
}

func TestTokenRefuses(t *testing.T) {
	t.Parallel()
	file := secretFile(t, sharedSecret)
	good := []string{"--secret-file", file, "--user", "ada"}
	with := func(args ...string) []string { return append(append([]string{}, good...), args...) }
	tests := []struct {
		name  string
		args  []string
		stdin string
		want  string
	}{
		{"no user", []string{"--secret-file", file}, "", `"user" not set`},
		{"an empty user", []string{"--secret-file", file, "--user", ""}, "", "--user: must be 1 to 128 characters, got 0"},
		{"no secret", []string{"--user", "ada"}, "", "pass --outputs a file"},
		{"two secrets", with("--outputs", "-"), "{}", "pass --outputs a file"},
		{"no such file", []string{"--secret-file", file + "x", "--user", "ada"}, "", "--secret-file: open "},
		{"a short secret", []string{"--secret-file", secretFile(t, "swordfish"), "--user", "ada"}, "", "at least 32 bytes, got 9"},
		{"a secret as an argument", with("--secret", sharedSecret), "", "unknown flag: --secret"},
		{"no time", with("--expires", "0"), "", "--expires 0s is too short"},
		{"a claim without a value", with("--claim", "plan"), "", "must be name=value"},
		{"a claim that has a flag", with("--claim", "sub=bob"), "", "--claim sub: this claim has flags of its own"},
		{"a claim twice", with("--claim", "a=1", "--claim", "a=2"), "", "--claim a comes twice"},
		{"an empty pattern", with("--rooms", ""), "", "a pattern must be 1 to 129 characters"},
		{"too many patterns", with("--rooms", strings.Repeat("a", 100), "--claim", "x="+strings.Repeat("y", 8192)), "", "more than the 8192 that are taken"},
		{"no outputs", []string{"--outputs", "-", "--user", "ada"}, "oops", "--outputs -: invalid outputs: expected the JSON object"},
		{"an open stack", []string{"--outputs", "-", "--user", "ada"}, `{"Chat":{"WebSocketUrl":"w"}}`, "none of the stacks Chat has the output AuthSecretArn: call AddOutputs of the ChatApi in its app and deploy it again, or set flags instead; a stack that is open, or"},
		{"an open stack by name", []string{"--outputs", "-", "--user", "ada", "--stack", "Chat"}, `{"Chat":{"WebSocketUrl":"w"}}`, "it is open, its tokens come from a provider, or its app does not call AddOutputs"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			out, err := runToken(t, test.stdin, test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) || out != "" {
				t.Errorf("got %q, %v, want %q", out, err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "swordfish") {
				t.Errorf("the secret is in the error: %v", err)
			}
		})
	}
}
