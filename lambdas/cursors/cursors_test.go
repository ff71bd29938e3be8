package cursors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/roomcast/roomcast/internal/realtime/cursors"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

// noon is when everything here happens.
var noon = time.UnixMilli(1_790_000_000_123)

func now() time.Time { return noon }

// failing is a store that cannot read one room.
type failing struct {
	*realtimetest.Memory
	room string
}

func (f failing) Members(ctx context.Context, roomID string, shard, limit int) ([]members.Member, error) {
	if roomID == f.room {
		return nil, errors.New("down")
	}
	return f.Memory.Members(ctx, roomID, shard, limit)
}

// newService returns a service in whose lobby are ada and bob in shard 0 and
// eve in shard 1, and where the room broken cannot be read.
func newService(t *testing.T) (*cursors.Runner, *realtimetest.Poster) {
	t.Helper()
	memory, poster := realtimetest.NewMemory(now), &realtimetest.Poster{}
	for user, shard := range map[string]int{"ada": 0, "bob": 0, "eve": 1} {
		err := memory.Connect(t.Context(), members.Connection{
			ID: user, UserID: user, Rooms: []members.Membership{{RoomID: "lobby", Shard: shard}},
			ConnectedAt: noon, ExpiresAt: noon.Add(time.Hour),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return realtimetest.New(realtimetest.Options{
		Connections: failing{memory, "broken"}, Poster: poster, Now: now,
	}).CursorJobs, poster
}

// move is a record with the move of a cursor. Its frame is a number, or a
// batch's if it is shown with others.
func move(room string, shard int, connectionID string, at time.Time, frame int) events.SQSMessage {
	return events.SQSMessage{
		MessageId: fmt.Sprint("move", frame),
		Body: fmt.Sprintf(`{"roomId":%q,"shard":%d,"connectionId":%q,"at":%d,"frame":"%d"}`,
			room, shard, connectionID, at.UnixMilli(), frame),
	}
}

func TestMovesAreShownByShard(t *testing.T) {
	t.Parallel()
	bad := move("lobby", 0, "ada", noon, 9)
	bad.Body = "{}"
	tests := []struct {
		name          string
		records       []events.SQSMessage
		ada, bob, eve string
	}{
		{"nothing", nil, "", "", ""},
		{"one shard", []events.SQSMessage{move("lobby", 0, "ada", noon, 1)}, "", "1", ""},
		{"both shards", []events.SQSMessage{move("lobby", 0, "ada", noon, 1), move("lobby", 1, "ada", noon, 2)}, "", "1", "2"},
		{"only the last of a cursor", []events.SQSMessage{
			move("lobby", 1, "ada", noon, 1), move("lobby", 0, "ada", noon, 2), move("lobby", 1, "ada", noon, 3),
		}, "", "2", "3"},
		{"what is too old", []events.SQSMessage{
			move("lobby", 0, "ada", noon.Add(-time.Minute), 1), move("lobby", 1, "bob", noon, 2),
		}, "", "", "2"},
		{"together", []events.SQSMessage{move("lobby", 1, "ada", noon, 1), move("lobby", 1, "bob", noon, 2)},
			"", "", `{"type":"batch","frames":[1,2]}`},
		{"beside what fails", []events.SQSMessage{
			move("broken", 0, "ada", noon, 1), bad, move("lobby", 0, "bob", noon, 3),
		}, "3", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s, poster := newService(t)
			New(s)(t.Context(), events.SQSEvent{Records: test.records})
			for user, want := range map[string]string{"ada": test.ada, "bob": test.bob, "eve": test.eve} {
				if got := strings.Join(poster.Posted(user), " "); got != want {
					t.Errorf("%s is shown %s, want %s", user, got, want)
				}
			}
		})
	}
}

// TestFailuresAreLogged is not parallel: the log is the program's.
func TestFailuresAreLogged(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })

	s, _ := newService(t)
	bad := move("lobby", 0, "ada", noon, 1)
	bad.Body = "{}"
	New(s)(t.Context(), events.SQSEvent{Records: []events.SQSMessage{bad, move("broken", 2, "ada", noon, 2)}})
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	slices.Sort(lines)
	if len(lines) != 2 || !strings.Contains(lines[0]+lines[1], "messageId=move1") || !strings.Contains(lines[0]+lines[1], "roomId=broken shard=2 moves=1") {
		t.Errorf("logged\n%s\nwant a message that is not a job, and the shard that could not be shown", log.String())
	}
}
