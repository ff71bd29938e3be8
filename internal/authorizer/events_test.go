package authorizer

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/token"
)

var update = flag.Bool("update", false, "write what the handler answers into testdata")

// separator is between an event and its outcome.
const separator = "\n----------\n"

const secret = "0123456789abcdefghijklmnopqrstuv"

var noon = time.Unix(1_790_000_000, 0)

// mint returns a token of ada that expires in an hour, with changes.
func mint(t *testing.T, secret string, changes map[string]any) string {
	t.Helper()
	claims := map[string]any{"sub": "ada", "exp": noon.Add(time.Hour).Unix()}
	maps.Copy(claims, changes)
	text, err := token.Mint(secret, claims)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// connections is a service that records what it was asked to do.
type connections struct {
	id     string
	client session.Identity
	calls  int
}

func (c *connections) Refresh(_ context.Context, id string, client session.Identity) (protocol.Answer, error) {
	c.id, c.client = id, client
	c.calls++
	return protocol.Refreshed{ExpiresAt: client.TokenExpiresAt.UnixMilli(), Left: []string{"tea"}}, nil
}

// world is a handler with its dependencies and its log.
type world struct {
	*Handler
	connections connections
	logged      strings.Builder
	down        error  // why the secret is not available
	reason      string // why the last handshake was refused
}

func newWorld(t *testing.T, decide Decide) *world {
	t.Helper()
	w := &world{}
	v, err := token.NewVerifier(token.Config{
		Secrets:       func(context.Context) ([]string, error) { return []string{secret}, w.down },
		NoPermissions: decide != nil, Now: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(&w.logged, nil))
	pipeline := frames.New(frames.Options{FrameRate: -1, Logger: logger})
	w.Handler = &Handler{tokens: v, sessions: &w.connections, pipeline: pipeline, decide: decide, logger: logger}
	return w
}

// handle passes an event to the handler, as the Lambda runtime does.
func (w *world) handle(t *testing.T, e any) (string, error) {
	t.Helper()
	data, ok := e.([]byte)
	if !ok {
		var err error
		if data, err = json.Marshal(e); err != nil {
			t.Fatal(err)
		}
	}
	out, err := lambda.NewHandler(w.Handle).Invoke(t.Context(), data)
	if failed, ok := errors.AsType[messages.InvokeResponse_Error](err); ok { // API Gateway goes by the message
		w.reason, err = failed.Type, errors.New(failed.Message)
	}
	return strings.TrimSpace(string(out)), err
}

// TestEvents passes the event in each file of testdata to the handler. Below
// the separator is the response or the error, then the log.
func TestEvents(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no events", err)
	}
	tokens := strings.NewReplacer(
		"GOOD", mint(t, secret, map[string]any{"roomcast": map[string]any{"rooms": []string{"lobby", "team-*"}, "deny": map[string]any{"send": []string{"lobby"}}}}),
		"EXPIRED", mint(t, secret, map[string]any{"exp": noon.Unix() - 60}),
		"FORGED", mint(t, secret+"x", nil),
	)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			event, want, _ := strings.Cut(string(content), separator)
			w := newWorld(t, nil)
			got, err := w.handle(t, []byte(tokens.Replace(event)))
			if err != nil {
				got = "error: " + err.Error()
			}
			got += "\n"
			for line := range strings.Lines(w.logged.String()) {
				_, line, _ = strings.Cut(line, " ") // the time
				got += line
			}
			if w.connections.calls > 0 {
				got += fmt.Sprintf("refreshed %s of %s\n", w.connections.id, w.connections.client.UserID)
			}
			if *update {
				if err := os.WriteFile(file, []byte(event+separator+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}
