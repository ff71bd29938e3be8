package cursors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Job asks to show the move of a cursor to one shard of a room.
type Job struct {
	RoomID string `json:"roomId"`
	Shard  int    `json:"shard,omitempty"`
	// ConnectionID is that of the cursor's user: it is not shown its own cursor.
	ConnectionID string `json:"connectionId"`
	At           int64  `json:"at"` // ms since 1970
	Frame        string `json:"frame"`
}

// Queue keeps the moves of cursors until they are shown. It is not the queue of the
// messages, so that those never wait for a cursor.
type Queue interface {
	// Enqueue stores jobs. Those of one shard of a room keep their order.
	Enqueue(ctx context.Context, jobs ...Job) error
}

// DecodeJob reads a job from its JSON.
func DecodeJob(data []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(data, &j); err != nil {
		return Job{}, fmt.Errorf("decode a cursor job: %w", err)
	}
	if j.ConnectionID == "" || j.Frame == "" || j.Shard < 0 {
		return Job{}, errors.New("decode a cursor job: it has no connectionId, no frame, or a shard below 0")
	}
	if err := protocol.CheckRoomID(j.RoomID); err != nil {
		return Job{}, fmt.Errorf("decode a cursor job: %w", err)
	}
	return j, nil
}
