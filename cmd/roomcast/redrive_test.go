package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/queue"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/redrive"
)

const stackOutputs = `{"ConnectionTableName": "c", "MessageTableName": "m", "BroadcastQueueUrl": "q", "DeadLetterQueueUrl": "d", "CallbackUrl": "u"}`

func TestRedriveTarget(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "outputs.json")
	if err := os.WriteFile(file, []byte(`{"Chat": `+stackOutputs+`}`), 0o600); err != nil {
		t.Fatal(err)
	}
	partly := redrive.Target{ConnectionTable: "other"}
	wholly := redrive.Target{ConnectionTable: "c", MessageTable: "m", BroadcastQueueURL: "q", DeadLetterQueueURL: "d", CallbackURL: "u"}
	tests := []struct {
		name  string
		flags redriveFlags
		stdin string
		want  string // the connection table, or the error
	}{
		{"a file", redriveFlags{outputs: file}, "", "c"},
		{"standard input", redriveFlags{outputs: "-", stack: "A"}, `{"A": ` + stackOutputs + `, "B": ` + stackOutputs + `}`, "c"},
		{"a flag wins", redriveFlags{outputs: file, named: partly}, "", "other"},
		{"flags only", redriveFlags{named: wholly}, "", "c"},
		{"nothing", redriveFlags{}, "", "unknown: ConnectionTableName, MessageTableName, BroadcastQueueUrl, DeadLetterQueueUrl, CallbackUrl; pass --outputs a file that has them"},
		{"too little", redriveFlags{named: partly}, "", "unknown: MessageTableName, BroadcastQueueUrl, DeadLetterQueueUrl, CallbackUrl; pass --outputs a file that has them, as AddOutputs of a ChatApi makes them, or name them by --message-table, --broadcast-queue, --dead-letter-queue, --callback-url"},
		{"no file", redriveFlags{outputs: file + "x"}, "", "--outputs: open "},
		{"no outputs", redriveFlags{outputs: "-"}, "oops", "--outputs -: invalid outputs: expected the JSON object"},
		{"a run without outputs, and flags", redriveFlags{outputs: "-", named: wholly}, `{"ready": true, "outputs": {}, "environment": {}}`, "c"},
		{"a run without outputs, and too few flags", redriveFlags{outputs: "-", named: partly}, `{"ready": true, "outputs": {}}`, "needed are ConnectionTableName, MessageTableName,"},
		{"a negative limit", redriveFlags{outputs: file, options: redrive.Options{Limit: -1}}, "", "--limit -1 is negative"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			target, err := test.flags.target(strings.NewReader(test.stdin))
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
			} else if target.ConnectionTable != test.want || target.CallbackURL != "u" {
				t.Errorf("got %+v, want the connection table %s", target, test.want)
			}
		})
	}
}

// letters is a dead-letter queue that hands out its messages once.
type letters []queue.DeadLetter

func (l *letters) Receive(context.Context) ([]queue.DeadLetter, error) {
	all := *l
	*l = nil
	return all, nil
}
func (l *letters) Delete(context.Context, queue.DeadLetter) error  { return nil }
func (l *letters) Release(context.Context, queue.DeadLetter) error { return nil }

// redriver has a dead-letter queue with a job of each kind, and ada in the
// lobby.
func redriver(t *testing.T) *redrive.Redriver {
	t.Helper()
	now := time.UnixMilli(1_790_000_000_000)
	memory := realtimetest.NewMemory(func() time.Time { return now })
	err := memory.Connect(t.Context(), members.Connection{
		ID: "c1", UserID: "ada", Rooms: []members.Membership{{RoomID: "lobby"}}, ConnectedAt: now.Add(-time.Hour), ExpiresAt: now.Add(time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	recipient := func(id, user string) delivery.Pending { return delivery.Pending{ConnectionID: id, UserID: user} }
	letter := func(id string, j delivery.Job) queue.DeadLetter {
		return queue.DeadLetter{MessageID: id, Job: j, Receives: 6, SentAt: now.Add(-200 * time.Second)}
	}
	odd := letter("m3", delivery.Job{})
	odd.Err, odd.Body = errors.New("it has no frame"), "<"+strings.Repeat("x", 200)
	return &redrive.Redriver{
		DeadLetters: &letters{
			letter("m1", delivery.Job{RoomID: "lobby", Seq: 7, Frame: "{}", Cause: "throttled", Pending: []delivery.Pending{recipient("c1", "ada"), recipient("c2", "bob")}}),
			letter("m2", delivery.Job{NotificationID: "01J", Frame: "{}", Pending: []delivery.Pending{recipient("c2", "bob")}}),
			odd,
		},
		Connections: memory, Members: memory, Inboxes: memory, Poster: &realtimetest.Poster{}, Queue: &realtimetest.Queue{},
		Now: func() time.Time { return now }, NewID: func() string { return "id" },
	}
}

func TestRedriveTable(t *testing.T) {
	t.Parallel()
	tests := []struct {
		send bool
		want []string
	}{
		{false, []string{
			"JOB RECEIVES AGE CAUSE WHAT",
			"room lobby, seq 7 6 3m20s throttled would be sent to 1 of 2 connections",
			"c1 (ada) would be sent: connected, and does not have it as far as is known",
			"c2 (bob) skipped: no longer connected",
			"notification 01J 6 3m20s - would be removed: no pending recipients",
			"c2 (bob) skipped: no longer connected; the notification waits in the inbox",
			`message m3 6 3m20s - left: it has no frame: "<` + strings.Repeat("x", 99) + `"`,
			"",
			"3 messages: 1 job would be queued again for 1 connection, 1 job without pending recipients would be removed, 1 left because it is not a job: look at what wrote it.",
			"Nothing was changed. To do it, run the same command with --send.",
		}},
		{true, []string{
			"JOB RECEIVES AGE CAUSE WHAT",
			"room lobby, seq 7 6 3m20s throttled sent to 1 of 2 connections",
			"c1 (ada) sent: connected, and does not have it as far as is known",
			"c2 (bob) skipped: no longer connected",
			"notification 01J 6 3m20s - removed: no pending recipients",
			"c2 (bob) skipped: no longer connected; the notification waits in the inbox",
			`message m3 6 3m20s - left: it has no frame: "<` + strings.Repeat("x", 99) + `"`,
			"",
			"3 messages: 1 job queued again for 1 connection, 1 job without pending recipients removed, 1 left because it is not a job: look at what wrote it.",
		}},
	}
	for _, test := range tests {
		var out bytes.Buffer
		flags := redriveFlags{options: redrive.Options{Send: test.send}}
		if err := flags.run(t.Context(), &out, redriver(t)); err != nil {
			t.Fatal(err)
		}
		var got []string
		for line := range strings.Lines(out.String()) {
			got = append(got, strings.Join(strings.Fields(line), " "))
		}
		if got, want := strings.Join(got, "\n"), strings.Join(test.want, "\n"); got != want {
			t.Errorf("send %v: got\n%s\nwant\n%s", test.send, got, want)
		}
	}
}

func TestRedriveNothing(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := redriver(t)
	r.DeadLetters = &letters{}
	if err := (redriveFlags{}).run(t.Context(), &out, r); err != nil || out.String() != "There is nothing in the dead-letter queue.\n" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

// forgetful cannot look up members.
type forgetful struct{ delivery.MemberStore }

func (forgetful) Member(context.Context, string, members.Membership) (members.Member, error) {
	return members.Member{}, errors.New("throttled")
}

func TestRedriveUnclear(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := redriver(t)
	r.Members = forgetful{r.Members}
	err := redriveFlags{}.run(t.Context(), &out, r)
	if err == nil || !strings.Contains(err.Error(), `left 1 of the jobs; the first: determine the recipients of seq 7 of room "lobby"`) {
		t.Errorf("got %v", err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		`throttled left: determine the recipients of seq 7 of room "lobby": look up a member of room "lobby": throttled notification 01J`,
		"3 messages: 0 jobs would be queued again for 0 connections, 1 job without pending recipients would be removed, 1 left because it is not a job: look at what wrote it, 1 left because its recipients could not be determined.",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestRedriveJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := (redriveFlags{json: true}).run(t.Context(), &out, redriver(t)); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	const want = `{"messageId":"m1","roomId":"lobby","seq":7,"cause":"throttled","receives":6,"ageSeconds":200,"action":"send","connections":[` +
		`{"connectionId":"c1","userId":"ada","verdict":"pending","why":"connected, and does not have it as far as is known"},` +
		`{"connectionId":"c2","userId":"bob","verdict":"gone","why":"no longer connected"}]}`
	if len(lines) != 3 || lines[0] != want {
		t.Errorf("got\n%s\nwant first\n%s", out.String(), want)
	}
	for _, line := range lines {
		if !json.Valid([]byte(line)) {
			t.Errorf("no JSON: %s", line)
		}
	}
}
