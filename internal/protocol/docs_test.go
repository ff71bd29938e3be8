package protocol

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// readDocs returns the part of docs/reference/protocol.md from a heading to the next.
func readDocs(t *testing.T, heading string) string {
	t.Helper()
	docs, err := os.ReadFile("../../docs/reference/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(docs), "\n"+heading+"\n")
	if !ok {
		t.Fatalf("docs/reference/protocol.md has no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n#")
	return section
}

// TestDocsListTheActions compares the actions with the documentation's.
func TestDocsListTheActions(t *testing.T) {
	t.Parallel()
	var got []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\|").FindAllStringSubmatch(readDocs(t, "## Requests"), -1) {
		got = append(got, row[1])
	}
	if !slices.Equal(got, Actions) {
		t.Errorf("docs/reference/protocol.md lists the actions %v, want %v", got, Actions)
	}
}

// TestDocsShowTheFrames encodes the frames that the documentation shows, to
// the byte.
func TestDocsShowTheFrames(t *testing.T) {
	t.Parallel()
	const id, now = "01J…", 1790000000000
	line, column := 5.0, 12.0
	frames := []Frame{
		Message{RoomID: "lobby", Seq: 42, ID: id, UserID: "ada", Message: "hello", Timestamp: now},
		Ack{ClientID: "c1", RoomID: "lobby", Seq: 42, ID: id, Timestamp: now},
		Joined{RoomID: "lobby", Members: 250, Page: Page{Seq: 42, Epoch: id, Recovered: true, Messages: []Message{
			{RoomID: "lobby", Seq: 42, ID: id, UserID: "ada", Message: "hello", Timestamp: now}}}},
		Left{RoomID: "lobby"},
		History{RoomID: "lobby", Page: Page{Seq: 42, Epoch: id, Recovered: true, More: true, Messages: []Message{}}},
		Cursor{RoomID: "lobby", UserID: "ada", Position: Position{Line: &line, Column: &column}, Color: "#db2777", Timestamp: now},
		Notification{ID: id, From: "ada", Notification: []byte(`{"text":"hi"}`), Timestamp: now},
		NotifyAck{ClientID: "c2", ID: id, Delivered: 2, Timestamp: now},
		Inbox{Notifications: []Notification{{ID: id, From: "ada", Notification: []byte(`{"text":"hi"}`), Timestamp: now}}, Dropped: 3, DroppedUpTo: 8},
		InboxAck{ClientID: "c4", IDs: []string{id}},
		Presence{RoomID: "lobby", Count: 2, Users: []string{"ada", "bob"}},
		Pong{Timestamp: now, Rooms: []RoomState{{RoomID: "lobby", Member: true, Seq: 42, Epoch: id, Members: 250}, {RoomID: "tea"}}},
		Refreshed{ExpiresAt: now + 3600_000, Left: []string{"tea"}},
		ErrorFrame{Code: CodeNotInRoom, Message: `join the room "lobby" before sending to it`, ClientID: "c3"},
		Batch{Frames: []json.RawMessage{
			json.RawMessage(`{"type":"message","roomId":"lobby","seq":43,"id":"01J…","userId":"ada","message":"one","timestamp":1790000000000}`),
			json.RawMessage(`{"type":"message","roomId":"lobby","seq":44,"id":"01J…","userId":"bob","message":"two","timestamp":1790000000000}`)}},
	}
	_, block, _ := strings.Cut(readDocs(t, "## Frames from the server"), "```jsonc\n")
	block, _, _ = strings.Cut(block, "\n```")
	want := strings.Split(block, "\n")
	if len(want) != len(frames) {
		t.Fatalf("docs/reference/protocol.md shows %d frames, this test %d", len(want), len(frames))
	}
	for i, frame := range frames {
		got, err := Encode(frame)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want[i] {
			t.Errorf("%T\n got: %s\ndocs: %s", frame, got, want[i])
		}
	}
}
