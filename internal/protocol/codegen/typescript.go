package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/protocol"
)

// frames has one frame of each type.
var frames = []protocol.Frame{
	protocol.Message{}, protocol.Ack{}, protocol.Joined{}, protocol.Left{}, protocol.History{}, protocol.Cursor{},
	protocol.Notification{}, protocol.Inbox{}, protocol.Presence{}, protocol.Pong{}, protocol.Refreshed{}, protocol.ErrorFrame{},
	protocol.Batch{},
}

// typeScript returns the module of the TypeScript client. Only the reactions
// reach a browser: meanings are comments, and names are types.
func typeScript(t table) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n\n", header)
	b.WriteString("/** What an error calls for, in one word. RoomcastClient does the first six itself. */\nexport type Reaction =")
	for _, r := range t.Reactions {
		fmt.Fprintf(&b, "\n  /** %s. */\n  | %q", sentence(r.Meaning), r.Name)
	}
	b.WriteString(";\n\n/** The documented error codes: the server's, then the client's own. */\nexport type ErrorCode =")
	for _, c := range t.all() {
		fmt.Fprintf(&b, "\n  /** %s. Do: %s. */\n  | %q", sentence(c.Meaning), c.Advice, c.Code)
	}
	b.WriteString(";\n\n/** What each code calls for. The codes that are not here call for `stop`. */\nexport const REACTIONS: { readonly [Code in ErrorCode]?: Reaction } = {\n")
	for _, c := range t.all() {
		if c.Reaction != "stop" {
			fmt.Fprintf(&b, "  %s: %q,\n", c.Code, c.Reaction)
		}
	}
	b.WriteString("};\n\n/** The names of requests. */\nexport type Action =")
	for _, action := range protocol.Actions {
		fmt.Fprintf(&b, "\n  | %q", action)
	}
	b.WriteString(";\n\n/** The types of the server's frames. */\nexport type FrameType =")
	var types []string
	for _, frame := range frames {
		if !slices.Contains(types, frame.Type()) {
			types = append(types, frame.Type())
			fmt.Fprintf(&b, "\n  | %q", frame.Type())
		}
	}
	b.WriteString(";\n")
	return []byte(b.String())
}

// sentence returns a text with a capital letter.
func sentence(text string) string {
	if strings.HasPrefix(text, "`") {
		return text
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
