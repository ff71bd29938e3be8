package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
)

// cursorAge is after how long a cursor's move is not worth showing any more.
const cursorAge = 2 * time.Second

// CursorJob asks to show the move of a cursor to one shard of a room.
type CursorJob struct {
	RoomID string `json:"roomId"`
	Shard  int    `json:"shard,omitempty"`
	// ConnectionID is whose cursor it is: it is not shown its own.
	ConnectionID string `json:"connectionId"`
	At           int64  `json:"at"` // ms since 1970
	Frame        string `json:"frame"`
}

// CursorQueue keeps the moves of cursors until they are shown, apart from the
// messages, so that they never wait for a cursor.
type CursorQueue interface {
	// Enqueue stores jobs. Those of one shard of a room keep their order.
	Enqueue(ctx context.Context, jobs ...CursorJob) error
}

// DecodeCursorJob reads a job from its JSON.
func DecodeCursorJob(data []byte) (CursorJob, error) {
	var j CursorJob
	if err := json.Unmarshal(data, &j); err != nil {
		return CursorJob{}, fmt.Errorf("decode a cursor job: %w", err)
	}
	if j.ConnectionID == "" || j.Frame == "" || j.Shard < 0 {
		return CursorJob{}, errors.New("decode a cursor job: it has no connectionId, no frame, or a shard below 0")
	}
	if err := protocol.CheckRoomID(j.RoomID); err != nil {
		return CursorJob{}, fmt.Errorf("decode a cursor job: %w", err)
	}
	return j, nil
}

// RunCursors shows the moves of cursors, all for the same shard of a room, in
// one frame. It needs Connections and Poster. Moves that are too old, or were
// followed by another one of the same cursor, are left out.
func (s *Service) RunCursors(ctx context.Context, jobs []CursorJob) error {
	jobs = s.worthShowing(jobs)
	if len(jobs) == 0 {
		return nil
	}
	of := Membership{RoomID: jobs[0].RoomID, Shard: jobs[0].Shard}
	r, err := s.recentRoster(ctx, of, func(ctx context.Context) (roster, error) {
		members, err := s.connections.Members(ctx, of.RoomID, of.Shard, 0)
		return roster{members: members}, err
	})
	if err != nil {
		return fmt.Errorf("read shard %d of room %q: %w", of.Shard, of.RoomID, err)
	}
	for len(jobs) > 0 {
		n, payload := together(jobs, "")
		instead := map[string]Payload{}
		for _, j := range jobs[:n] {
			_, instead[j.ConnectionID] = together(jobs[:n], j.ConnectionID)
		}
		s.show(ctx, r.members, payload, instead)
		jobs = jobs[n:]
	}
	return nil
}

// worthShowing returns the last move of each cursor, if it is not too old. A clock
// that is fast must not leave out all of them.
func (s *Service) worthShowing(jobs []CursorJob) []CursorJob {
	oldest := s.now().Add(-cursorAge - base.ClockSkew).UnixMilli()
	moved := map[string]bool{}
	var worth []CursorJob
	for _, j := range slices.Backward(jobs) {
		if !moved[j.ConnectionID] && j.At >= oldest {
			worth = append(worth, j)
		}
		moved[j.ConnectionID] = true
	}
	slices.Reverse(worth)
	return worth
}

// together puts as many of the moves as fit into one frame, without those of
// one connection. It is the zero Payload when none is left.
func together(jobs []CursorJob, except string) (int, Payload) {
	var frames [][]byte
	for _, j := range jobs {
		if j.ConnectionID != except {
			frames = append(frames, []byte(j.Frame))
		}
	}
	if len(frames) == 0 {
		return 0, Payload{}
	}
	n, frame := protocol.Pack(frames)
	return n, NewPayload(frame)
}
