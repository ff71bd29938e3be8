package realtime

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/roomcast/roomcast/internal/protocol"
)

// Job asks to post a message to one shard of a room.
type Job struct {
	RoomID string `json:"roomId"`
	// Seq is the message's.
	Seq   int64 `json:"seq"`
	Shard int   `json:"shard"`
	// Frame is what is posted. It is a string in a job's JSON too, so that it
	// comes out of the queue as it went in, to the byte.
	Frame string `json:"frame"`
}

// Queue keeps jobs until they are done. It keeps the order of the jobs of one
// shard of a room.
type Queue interface {
	// Enqueue stores a job. Storing the same one again within five minutes
	// does nothing.
	Enqueue(ctx context.Context, j Job) error
}

// DecodeJob reads a job from its JSON.
func DecodeJob(data []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(data, &j); err != nil {
		return Job{}, fmt.Errorf("decode a broadcast job: %w", err)
	}
	if err := protocol.CheckRoomID(j.RoomID); err != nil {
		return Job{}, fmt.Errorf("decode a broadcast job: %w", err)
	}
	if j.Frame == "" || j.Seq < 1 || j.Shard < 0 {
		return Job{}, fmt.Errorf("decode a broadcast job: frame, seq or shard is missing or out of range")
	}
	return j, nil
}

// Run carries out a job. It needs Connections and Poster. An error means that
// members are left without the frame that another run may reach; those who
// have it may then get it again.
func (s *Service) Run(ctx context.Context, j Job) error {
	ctx, cancel := withMargin(ctx)
	defer cancel()
	members, err := s.membersInTime(ctx, j)
	if err != nil {
		return fmt.Errorf("read the members of room %q: %w", j.RoomID, err)
	}
	s.deliver(ctx, delivery{frame: []byte(j.Frame), roomID: j.RoomID}, members)
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("post seq %d to room %q: out of time: %w", j.Seq, j.RoomID, err)
	}
	return nil
}

// membersInTime reads the members of a job's shard, again and again until the
// time is up: a job that fails comes back only after minutes, and holds up
// every later message of its shard until then.
func (s *Service) membersInTime(ctx context.Context, j Job) ([]Member, error) {
	for try := 0; ; try++ {
		members, err := s.connections.Members(ctx, j.RoomID, j.Shard, 0)
		if err == nil || sleep(ctx, backoff(try)) != nil {
			return members, err
		}
	}
}
