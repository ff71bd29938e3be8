package attacks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/roomcast/roomcast/internal/token"
	"github.com/roomcast/roomcast/roomcasttest"
)

type object = map[string]any

// The names of the stack's functions and tables.
const (
	authorizer  = "Auth"
	connections = "ConnectionTableName"
	messages    = "MessageTableName"
)

// whisper is in every text that users send in these tests, and must not be in
// any log.
const whisper = "wh15per"

// target is a stack with tokens that a test attacks.
type target struct {
	*roomcasttest.Stack
	secret string
}

// guarded runs the default stack. When its test ends, its logs are checked.
func guarded(t *testing.T, options ...roomcasttest.Option) *target {
	t.Helper()
	d := &target{Stack: roomcasttest.Run(t, assembly, options...)}
	value, err := secretsmanager.NewFromConfig(d.Config()).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
		SecretId: aws.String(d.Output("AuthSecretArn")),
	})
	if err != nil {
		t.Fatal(err)
	}
	d.secret = *value.SecretString
	t.Cleanup(func() { checkLogs(t, d.Stack, d.secret, whisper) })
	return d
}

// timedOut is a line that Lambda writes about a function on a busy machine.
var timedOut = regexp.MustCompile(`^[0-9TZ:.-]+ [0-9a-f-]+ Task timed out after [0-9.]+ seconds$`)

// checkLogs checks that every function printed one JSON object a line, and
// nothing of a token or of these texts.
func checkLogs(t *testing.T, stack *roomcasttest.Stack, never ...string) {
	for _, function := range stack.Functions() {
		for _, line := range stack.LogsOf(function) {
			var entry object
			if timedOut.MatchString(line) {
				continue
			}
			if err := json.Unmarshal([]byte(line), &entry); err != nil || strings.ContainsAny(line, "\r\n\x1b") {
				t.Errorf("%s printed something other than a JSON object: %.300q", function, line)
			}
		}
	}
	for _, line := range stack.Logs() {
		for _, text := range append(never, "eyJ") { // the beginning of every token
			if strings.Contains(line, text) {
				t.Errorf("%q is in a log: %.300q", text, line)
			}
		}
	}
}

// claims returns the claims of a user's token that is valid for an hour, with
// changes; a nil removes one.
func claims(user string, changes ...object) object {
	now := time.Now().Unix()
	all := object{"sub": user, "iat": now, "exp": now + 3600}
	for _, change := range changes {
		for name, value := range change {
			if all[name] = value; value == nil {
				delete(all, name)
			}
		}
	}
	return all
}

// may returns a change that claims permissions.
func may(permissions object) object { return object{"roomcast": permissions} }

// token signs claims like a backend with the secret.
func (d *target) token(t testing.TB, user string, changes ...object) string {
	t.Helper()
	text, err := token.Mint(d.secret, claims(user, changes...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// as connects a user with the default permissions.
func (d *target) as(t testing.TB, user string, pairs ...string) *roomcasttest.Client {
	t.Helper()
	return d.MustDial(t, query(append(pairs, "token", d.token(t, user))...)...)
}

// with connects a user with exactly these permissions.
func (d *target) with(t testing.TB, user string, permissions object, pairs ...string) *roomcasttest.Client {
	t.Helper()
	return d.MustDial(t, query(append(pairs, "token", d.token(t, user, may(permissions)))...)...)
}

// status returns the status of a handshake, 101 if the socket was opened.
func status(t testing.TB, stack *roomcasttest.Stack, options []roomcasttest.DialOption) int {
	t.Helper()
	client, response, err := stack.Dial(t, options...)
	if err == nil {
		client.Close()
		return http.StatusSwitchingProtocols
	}
	if response == nil {
		t.Fatalf("the handshake was not answered: %v", err)
	}
	return response.StatusCode
}

// query adds query parameters to a handshake, names and values in turn.
func query(pairs ...string) []roomcasttest.DialOption {
	var options []roomcasttest.DialOption
	for i := 0; i < len(pairs); i += 2 {
		options = append(options, roomcasttest.WithQuery(pairs[i], pairs[i+1]))
	}
	return options
}

// frames counts requests, so that each has its own clientId.
var frames atomic.Int64

// ask sends a frame and returns its answer, the next frame with its clientId.
func ask(c *roomcasttest.Client, frame object) roomcasttest.Frame {
	id, ok := frame["clientId"].(string)
	if !ok {
		id = fmt.Sprintf("f%d", frames.Add(1))
		frame["clientId"] = id
	}
	c.Send(frame)
	return c.AwaitFrame("that answers "+id, func(f roomcasttest.Frame) bool { return f.Text("clientId") == id })
}

// refused checks that a frame is answered with an error of that code.
func refused(t *testing.T, c *roomcasttest.Client, frame object, code string) {
	t.Helper()
	if got := ask(c, frame); got.Text("code") != code {
		t.Errorf("%v is answered with %v, want the error %s", frame, got, code)
	}
}

// taken checks that a frame is answered with a frame of that type.
func taken(t *testing.T, c *roomcasttest.Client, frame object, kind string) roomcasttest.Frame {
	t.Helper()
	got := ask(c, frame)
	if got.Type() != kind {
		t.Errorf("%v is answered with %v, want %s", frame, got, kind)
	}
	return got
}

// shown returns a value as JSON.
func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
