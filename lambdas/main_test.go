package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/roomcast/roomcast/internal/settings"
)

// environment is that of a function with every variable.
func environment(name string) string {
	return map[string]string{
		settings.ConnectionTable: "connections", settings.MessageTable: "messages",
		settings.CallbackURL: "https://api.example/prod", settings.BroadcastQueueURL: "https://queue.example",
		settings.CursorQueueURL: "https://cursors.example", settings.Auth: "open", settings.AuthSecretARN: "arn:secret",
	}[name]
}

func TestLoad(t *testing.T) {
	t.Parallel()
	for name := range handlers {
		if h, err := load(t.Context(), name, environment); err != nil || h == nil {
			t.Errorf("%s: got %v, %v", name, h, err)
		}
	}
}

func TestLoadUnknown(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "sendMessage", "bootstrap"} {
		_, err := load(t.Context(), name, environment)
		if err == nil || !strings.Contains(err.Error(), "authorizer, broadcast, cursors, ephemeral, expiry, inbox, messages, rooms, session") {
			t.Errorf("%q: got %v, want an error with the names there are", name, err)
		}
	}
}

// TestLoadNeedsOnlyItsOwn gives each handler the variables that the constructs
// give its function, and no others.
func TestLoadNeedsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	const c, m, u, q = settings.ConnectionTable, settings.MessageTable, settings.CallbackURL, settings.BroadcastQueueURL
	const k, a, s = settings.CursorQueueURL, settings.Auth, settings.AuthSecretARN
	needs := map[string][]string{
		"session": {c, m, a}, "messages": {c, m, u, q}, "rooms": {c, m}, "inbox": {c, m}, "ephemeral": {c, m, u, k},
		"broadcast": {c, m, u, q}, "cursors": {c, u}, "expiry": {c, u}, "authorizer": {c, s},
	}
	for name := range handlers {
		given := func(variable string) string {
			if slices.Contains(needs[name], variable) {
				return environment(variable)
			}
			return ""
		}
		if _, err := load(t.Context(), name, given); err != nil {
			t.Errorf("%s with %v: %v", name, needs[name], err)
		}
		if _, err := load(t.Context(), name, func(string) string { return "" }); err == nil || !strings.Contains(err.Error(), needs[name][0]) {
			t.Errorf("%s without its environment: got %v", name, err)
		}
	}
}

func TestLogger(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := newLogger(&out, "WARN").With("function", "ping")
	ctx := lambdacontext.NewContext(context.Background(), &lambdacontext.LambdaContext{AwsRequestID: "r1"})
	log.InfoContext(ctx, "unheard")
	log.WarnContext(ctx, "heard", "connectionId", "c1")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%s is not one JSON line: %v", out.String(), err)
	}
	for key, want := range map[string]string{
		"level": "WARN", "message": "heard", "connectionId": "c1", "requestId": "r1", "function": "ping",
	} {
		if line[key] != want {
			t.Errorf("%s: got %v, want %s", key, line[key], want)
		}
	}
	if _, ok := line["timestamp"]; !ok {
		t.Error("no timestamp")
	}
	// What somebody else named stays in its line, and in its value.
	out.Reset()
	newLogger(&out, "").Info("heard", "userId", "eve\n{\"level\":\"ERROR\"}", "error", fmt.Errorf("room %q", "a\r\n\u2028\x1b[2J"))
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || strings.Count(out.String(), "\n") != 1 || strings.ContainsAny(out.String(), "\r\u2028\x1b") {
		t.Errorf("logged %q, %v, want one line", out.String(), err)
	}
	out.Reset()
	newLogger(&out, "").Info("heard")
	newLogger(&out, "").Debug("unheard")
	if got := strings.Count(out.String(), "\n"); got != 1 {
		t.Errorf("logged %d lines by default, want 1", got)
	}
}
