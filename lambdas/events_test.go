package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/roomcast/roomcast/internal/frames"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog"
	"github.com/roomcast/roomcast/internal/routes"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/token"
)

var update = flag.Bool("update", false, "write what the handlers answer into testdata/events")

// separator stands between an event and what becomes of it.
const separator = "\n----------\n"

// noon is when the events happen.
var noon = time.UnixMilli(1_790_000_000_123)

// TestEvents gives the event in each file of testdata/events to the function
// that the file is named after, as the Lambda runtime does. Another part
// "token" of the name means that an authorizer decides who connects. Below the
// separator is the response, then each post with its recipient. Every route has
// an event.
func TestEvents(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/events/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	tried, served := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		name, more, _ := strings.Cut(filepath.Base(file), ".")
		key, _, _ := strings.Cut(more, ".")
		tried[name], served[key] = true, true
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			event, want, _ := strings.Cut(string(content), separator)
			got := handle(t, name, strings.Contains(file, ".token"), []byte(event))
			if *update {
				if err := os.WriteFile(file, []byte(event+separator+got), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
	for name := range handlers {
		if !tried[name] {
			t.Errorf("no event is named after the function %s", name)
		}
	}
	for _, f := range routes.Functions {
		for _, r := range routes.Of(f.Name) {
			if !served[strings.TrimPrefix(r.Key, "$")] {
				t.Errorf("no event is of the route %s", r.Key)
			}
		}
	}
}

// handle gives an event to a handler in a world where ada, who sends it, and
// bob are in the lobby, with messages of both, and a notification waits for
// ada. It describes what comes of it. With tokens says that an authorizer
// decides who connects.
func handle(t *testing.T, name string, tokens bool, event []byte) string {
	t.Helper()
	now := func() time.Time { return noon }
	memory, poster := realtimetest.NewMemory(now), &realtimetest.Poster{}
	connections := map[string]string{"L0SM9cOFvHcCIhw=": "ada", "BobM9cOFvHcCIhw=": "bob"}
	for id, user := range connections {
		err := memory.Connect(t.Context(), members.Connection{
			ID: id, UserID: user, Rooms: []members.Membership{{RoomID: "lobby"}}, ConnectedAt: noon, ExpiresAt: noon.Add(time.Hour),
			Permissions: permission.Everything(),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	// mia's token ended a moment ago, and zoe's does not permit much.
	for _, c := range []members.Connection{
		{ID: "MiaM9cOFvHcCIhw=", UserID: "mia", TokenExpiresAt: noon.Add(-time.Second), Permissions: permission.Default()},
		{ID: "ZoeM9cOFvHcCIhw=", UserID: "zoe", TokenExpiresAt: noon.Add(time.Minute)},
	} {
		c.ConnectedAt, c.ExpiresAt = noon.Add(-time.Hour), noon.Add(time.Hour)
		if err := memory.Connect(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	for i, e := range []roomlog.Entry{
		{RoomID: "lobby", ID: "01A", UserID: "ada", Message: "anybody here?"},
		{RoomID: "lobby", ID: "01B", UserID: "bob", Message: "me"},
	} {
		e.Seq, e.Timestamp, e.ExpiresAt = int64(i+1), noon, noon.Add(time.Hour)
		if _, err := memory.Advance(t.Context(), e.RoomID, e.ID, noon, e.ExpiresAt); err != nil {
			t.Fatal(err)
		}
		if _, err := memory.Put(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	_, err := memory.Add(t.Context(), "ada", inbox.Notification{
		ID: "01N", From: "eve", Notification: []byte(`"call me"`), Timestamp: noon, ExpiresAt: noon.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := find(name)
	if err != nil {
		t.Fatal(err)
	}
	auth := settings.OpenAuth
	if tokens {
		auth = settings.TokenAuth
	}
	pipeline := frames.New(frames.Options{Now: now})
	function := lambda.NewHandler(h.make(parts{pipeline: pipeline, core: realtimetest.New(realtimetest.Options{
		Connections: memory, Log: memory, Sends: memory, Inboxes: memory, Buckets: memory, Slots: memory,
		Poster: poster, Queue: &realtimetest.Queue{},
		Now: now, NewID: func() string { return "01J" },
	}).App, postpone: func(context.Context, string, time.Duration) error { return nil }, maxReceives: 5, auth: auth, tokens: verifier(t)}))
	response, err := function.Invoke(t.Context(), bytes.ReplaceAll(event, []byte("TOKEN"), adasToken(t)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, response); err != nil {
		t.Fatalf("the response is no JSON: %s", response)
	}
	fmt.Fprintln(&out)
	for id, user := range connections {
		notes, err := memory.List(t.Context(), user, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notes {
			fmt.Fprintf(&out, "waiting for %s: %s\n", user, n.ID)
		}
		for _, frame := range poster.Posted(id) {
			fmt.Fprintf(&out, "%s: %s\n", user, frame)
		}
	}
	for _, id := range poster.Closed() {
		fmt.Fprintf(&out, "closed: %s\n", id)
	}
	members, err := memory.Members(t.Context(), "lobby", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	var users []string
	for _, m := range members {
		users = append(users, m.UserID)
	}
	slices.Sort(users)
	fmt.Fprintf(&out, "in the lobby: %s\n", strings.Join(users, ", "))
	return sortLines(out.String())
}

// secret is what ada's token is signed with.
const secret = "0123456789abcdefghijklmnopqrstuv"

func verifier(t *testing.T) *token.Verifier {
	t.Helper()
	v, err := token.NewVerifier(token.Config{
		Secrets: func(context.Context) ([]string, error) { return []string{secret}, nil },
		Now:     func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// adasToken stands for TOKEN in the events.
func adasToken(t *testing.T) []byte {
	t.Helper()
	text, err := token.Mint(secret, map[string]any{
		"sub": "ada", "exp": noon.Add(time.Hour).Unix(), "roomcast": map[string]any{"rooms": []string{"lobby", "team-*"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return []byte(text)
}

// sortLines sorts all lines but the first, which is the response.
func sortLines(s string) string {
	lines := strings.SplitAfter(s, "\n")
	slices.Sort(lines[1 : len(lines)-1])
	return strings.Join(lines, "")
}
