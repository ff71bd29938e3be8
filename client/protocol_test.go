package client_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/client"
	"github.com/roomcast/roomcast/internal/protocol"
)

// The wire format has one source, internal/protocol; the client mirrors it.

func TestErrorCodesAreTheServers(t *testing.T) {
	t.Parallel()
	entry := regexp.MustCompile(`(?m)^  (\w+): \{ action: "(\w+)", meaning: "`)
	var got []string
	for _, m := range entry.FindAllStringSubmatch(declaration(t, "export const ERROR_CODES = {", "\n}"), -1) {
		got = append(got, m[1]+" "+m[2])
	}
	var want []string
	for _, c := range protocol.Codes {
		want = append(want, string(c.Code)+" "+string(c.Reaction))
	}
	if !slices.Equal(got, want) {
		t.Errorf("src/protocol.ts has the error codes\n%q, the server has\n%q", got, want)
	}
}

func TestActionsAreTheServers(t *testing.T) {
	t.Parallel()
	var got []string
	for _, m := range regexp.MustCompile(`"(\w+)"`).FindAllStringSubmatch(declaration(t, "export const ACTIONS = [", "]"), -1) {
		got = append(got, m[1])
	}
	want := protocol.Actions
	if !slices.Equal(got, want) {
		t.Errorf("src/protocol.ts has the actions %q, the server has %q", got, want)
	}
}

func TestFrameTypesAreTheServers(t *testing.T) {
	t.Parallel()
	var got []string
	types := declaration(t, "const FRAME_TYPES", "]);")
	for _, m := range regexp.MustCompile(`(?m)^  "(\w+)",$`).FindAllStringSubmatch(types, -1) {
		got = append(got, m[1])
	}
	var want []string
	for _, f := range []protocol.Frame{
		protocol.Message{}, protocol.Ack{}, protocol.Joined{}, protocol.Left{}, protocol.History{}, protocol.Cursor{},
		protocol.Notification{}, protocol.Inbox{}, protocol.Presence{}, protocol.Pong{}, protocol.Refreshed{}, protocol.ErrorFrame{},
		protocol.Batch{},
	} {
		want = append(want, f.Type())
	}
	if !slices.Equal(got, want) {
		t.Errorf("src/protocol.ts has the frame types %q, the server has %q", got, want)
	}
}

// declaration returns the part of src/protocol.ts from the start of a
// declaration to its end.
func declaration(t *testing.T, start, end string) string {
	t.Helper()
	source, err := client.Source.ReadFile("src/protocol.ts")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(source), start)
	if !found {
		t.Fatalf("src/protocol.ts has no %q", start)
	}
	body, _, _ := strings.Cut(rest, end)
	return body
}
