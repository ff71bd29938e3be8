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
// and the actions reach a browser: meanings are comments.
func typeScript(t table) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n\n", header)
	b.WriteString("/** What an error calls for, in one word. RoomcastClient does the first six itself. */\nexport type Reaction =")
	for _, r := range t.Reactions {
		fmt.Fprintf(&b, "\n  /** %s. */\n  | %q", sentence(r.Meaning), r.Name)
	}
	b.WriteString(";\n\n/** Every documented error code, with what it calls for: the server's codes, then the client's own. */\nexport const ERROR_CODES = {\n")
	for _, c := range t.all() {
		fmt.Fprintf(&b, "  /** %s. Do: %s. */\n  %s: %q,\n", sentence(c.Meaning), c.Advice, c.Code, c.Reaction)
	}
	b.WriteString("} as const satisfies Record<string, Reaction>;\n\n/** The requests that a client can make. */\nexport const ACTIONS = [\n")
	for _, action := range protocol.Actions {
		fmt.Fprintf(&b, "  %q,\n", action)
	}
	b.WriteString("] as const;\n\n/** The name of a request. */\nexport type Action = (typeof ACTIONS)[number];\n\n/** The types of the server's frames. */\nexport type FrameType =")
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
