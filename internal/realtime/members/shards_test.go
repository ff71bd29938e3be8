package members_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/members"
	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
	"github.com/roomcast/roomcast/internal/realtime/session"
	"github.com/roomcast/roomcast/internal/realtime/shard"
)

func TestRoomGrowsAndShrinks(t *testing.T) {
	t.Parallel()
	w, q := newSplit(t)
	for i := range 20 {
		w.JoinLobby(fmt.Sprintf("c%02d", i), "")
	}
	if shards := w.RoomHead("lobby").Shards; shards < 8 || shards > 20 {
		t.Errorf("20 members at 2 a shard are in %d shards", shards)
	}
	w.PublishText("lobby", "hello")
	q.Jobs.Wait()
	for i := range 20 {
		if got := w.Poster.Posted(fmt.Sprintf("c%02d", i)); len(got) != 1 {
			t.Errorf("c%02d got %v", i, got)
		}
	}
	if got := realtimetest.Encode(t, w.Answer("presence", "c07", `{"action":"presence"}`)); got != `{"type":"presence","roomId":"lobby","count":1,"users":["bob"]}` {
		t.Errorf("presence: got %s", got)
	}
	joined := w.JoinLobby("c99", "")
	if joined.Members < 16 || joined.Members > 21 {
		t.Errorf("the 21st member is answered that there are %d", joined.Members)
	}
	for i := range 20 {
		w.WantFrame(w.Answer("leave", fmt.Sprintf("c%02d", i), `{"action":"leave","roomId":"lobby"}`), `{"type":"left","roomId":"lobby"}`)
	}
	// The only member that is left reconnects after two hours, twice.
	for range 4 {
		w.Answer("join", "c99", `{"action":"join","roomId":"lobby"}`)
	}
	if shards := w.RoomHead("lobby").Shards; shards > 2 {
		t.Errorf("one member is in %d shards", shards)
	}
	w.PublishText("lobby", "hello")
	q.Jobs.Wait()
	if got := len(w.Poster.Posted("c99")); got != 1 {
		t.Errorf("c99 got %d messages of one", got)
	}
}

// TestPingInAShard keeps members of a split room present.
func TestPingInAShard(t *testing.T) {
	t.Parallel()
	w, _ := newSplit(t)
	for i := range 9 {
		w.JoinLobby(fmt.Sprintf("c%d", i), "")
	}
	for i := range 9 {
		pong := w.Answer("ping", fmt.Sprintf("c%d", i), `{"action":"ping","rooms":[{"roomId":"lobby","seq":0},{"roomId":"tea","seq":0}]}`).(protocol.Pong)
		if len(pong.Rooms) != 2 || !pong.Rooms[0].Member || pong.Rooms[0].Members == 0 || pong.Rooms[1].Member {
			t.Errorf("c%d: got %+v", i, pong)
		}
	}
	if pong := w.Answer("ping", "stranger", `{"action":"ping","rooms":[{"roomId":"lobby","seq":0}]}`).(protocol.Pong); pong.Rooms[0].Member {
		t.Errorf("a stranger: got %+v", pong)
	}
}

// TestNoGapInShards races joins, leaves and rebalancing against sends in a room
// that splits and shrinks all the time: messages that were published
// after a join reach the member live or with the join.
func TestNoGapInShards(t *testing.T) {
	t.Parallel()
	w, q := newSplit(t)
	const senders, messages, joiners, passers = 3, 30, 24, 4
	first := w.PublishText("lobby", "first")
	since := fmt.Sprintf(`,"since":1,"epoch":%q`, first.ID)
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for range messages {
				w.PublishText("lobby", "hello")
			}
		})
	}
	for p := range passers { // they make the room grow, and shrink again
		wg.Go(func() {
			for range 30 {
				for c := range 5 {
					w.JoinLobby(fmt.Sprintf("p%d-%d", p, c), "")
				}
				for c := range 5 {
					w.Answer("leave", fmt.Sprintf("p%d-%d", p, c), `{"action":"leave","roomId":"lobby"}`)
				}
			}
		})
	}
	replays := make([][]protocol.Message, joiners)
	for j := range joiners {
		wg.Go(func() {
			time.Sleep(time.Duration(j) * time.Millisecond / 4)
			id := fmt.Sprintf("c%d", j)
			replays[j] = w.JoinLobby(id, since).Messages
			for range 5 { // again, which may move it to another shard
				joined := w.RejoinLobby(id, since)
				if !joined.Recovered || joined.More {
					t.Errorf("%s: got %+v", id, joined)
				}
				replays[j] = append(replays[j], joined.Messages...)
			}
		})
	}
	wg.Wait()
	q.Jobs.Wait()
	if w.RoomHead("lobby").Version < 10 {
		t.Errorf("the room was resized %d times only", w.RoomHead("lobby").Version)
	}
	for j, replay := range replays {
		got := w.Seqs(fmt.Sprintf("c%d", j))
		for _, m := range replay {
			got[m.Seq] = true
		}
		for seq := int64(2); seq <= 1+senders*messages; seq++ {
			if !got[seq] {
				t.Errorf("c%d has neither a post nor a replay of seq %d", j, seq)
			}
		}
	}
}

// meddling is a table of connections where something else happens before or after the next
// write of a membership.
type meddling struct {
	realtimetest.Connections
	before, after func()
}

func (m *meddling) Join(ctx context.Context, id string, to members.Membership, st members.Status, t members.JoinConditions) error {
	before, after := m.before, m.after
	m.before, m.after = nil, nil
	if before != nil {
		before()
	}
	err := m.Connections.Join(ctx, id, to, st, t)
	if after != nil {
		after()
	}
	return err
}

// TestShardIsGivenUpWhileAMemberJoins closes a shard after a member decided to join there
// and before its membership is stored.
func TestShardIsGivenUpWhileAMemberJoins(t *testing.T) {
	t.Parallel()
	connections := &meddling{}
	w, q := newSplit(t, func(o *realtimetest.Options) {
		connections.Connections = o.Connections
		o.Connections = connections
	})
	resize := func(to shard.Layout) func() {
		return func() {
			to.Version = w.RoomHead("lobby").Version + 1
			if err := w.Memory.Resize(w.Context(), "lobby", to, time.Now().Add(60*24*time.Hour)); err != nil {
				w.Error(err)
			}
		}
	}
	elsewhere, gone := shard.Layout{Shards: 6, Open: []int{5}}, shard.Layout{Shards: 1, Open: []int{0}}
	for name, meddle := range map[string]func(){
		"before": func() { connections.before = resize(gone) },
		"after":  func() { connections.after = resize(gone) },
	} {
		resize(elsewhere)()
		meddle()
		w.JoinLobby(name, "")
		w.PublishText("lobby", "hello")
		q.Jobs.Wait()
		if got := w.Poster.Posted(name); len(got) != 1 {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// TestConnectInAShard names a room in the URL of a connection.
func TestConnectInAShard(t *testing.T) {
	t.Parallel()
	w, q := newSplit(t)
	for i := range 9 {
		w.JoinLobby(fmt.Sprintf("c%d", i), "")
	}
	if e := w.Connect(t.Context(), session.Handshake{
		ConnectionID: "new", At: time.Now().Add(-time.Minute), Query: map[string]string{"roomId": "lobby"},
		Identity: session.Identity{UserID: "eve", Permissions: permission.Default()},
	}); e != nil {
		t.Fatal(e)
	}
	c, err := w.Memory.Connection(t.Context(), "new")
	if err != nil || len(c.Rooms) != 1 || c.Rooms[0].Shard == 0 {
		t.Errorf("got %+v, %v, want it in an open shard, which the first is not", c, err)
	}
	w.PublishText("lobby", "hello")
	q.Jobs.Wait()
	if got := len(w.Poster.Posted("new")); got != 1 {
		t.Errorf("got %d messages", got)
	}
}
