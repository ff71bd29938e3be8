package delivery

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/members"
)

// Job asks to post a frame to one shard of a room, or to the connections that are
// pending.
type Job struct {
	// RoomID and Seq are the message's. A notification has neither.
	RoomID string `json:"roomId,omitempty"`
	Seq    int64  `json:"seq,omitempty"`
	// FirstSeq is the seq of the first message if the frame is a batch; Seq is that of
	// its last. 0 says that there is only one.
	FirstSeq int64 `json:"firstSeq,omitempty"`
	// Shard is the shard of the room that the job is for, and Shards is how many there
	// were when it was queued.
	Shard  int `json:"shard,omitempty"`
	Shards int `json:"shards,omitempty"`
	// NotificationID is the notification's. A message has none.
	NotificationID string `json:"notificationId,omitempty"`
	// Pending are the connections to post to, none for every member of the shard.
	Pending []Pending `json:"pending,omitempty"`
	// Cause is why they are pending: what became of the last post to one of them.
	Cause string `json:"cause,omitempty"`
	// Attempt tells this job from others about the same frame: it is queued even if one
	// of those was within the last five minutes.
	Attempt string `json:"attempt,omitempty"`
	// Frame is what is posted. It is a string in a job's JSON too, so that it comes out
	// of the queue byte for byte as it went in.
	Frame string `json:"frame"`
}

// MaxPending is the maximum number of connections that one job names. With the
// longest names there are, such a job is still small enough for a queue.
const MaxPending = 100

// Pending is a connection that did not get a frame yet.
type Pending struct {
	ConnectionID string `json:"connectionId"`
	UserID       string `json:"userId"`
	ConnectedAt  int64  `json:"connectedAt"` // ms since 1970
	Established  bool   `json:"established,omitempty"`
}

// Queue keeps jobs until they are done. It keeps the order of the jobs for the whole
// of one shard of a room. A job with Pending waits for no other, and no other waits
// for it.
type Queue interface {
	// Enqueue stores jobs, in their order where that counts. Storing a job again within
	// five minutes does nothing; jobs that differ in Attempt are not the same. After an
	// error some of them may have been stored.
	Enqueue(ctx context.Context, jobs ...Job) error
}

// DecodeJob reads a job from its JSON.
func DecodeJob(data []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(data, &j); err != nil {
		return Job{}, fmt.Errorf("decode a broadcast job: %w", err)
	}
	message := j.RoomID != "" && j.Seq >= 1 && j.Shard >= 0 && j.NotificationID == ""
	notification := j.RoomID == "" && j.NotificationID != "" && len(j.Pending) > 0
	switch {
	case j.Frame == "":
		return Job{}, errors.New("decode a broadcast job: it has no frame")
	case !message && !notification:
		return Job{}, errors.New("decode a broadcast job: it names neither a message, by roomId and seq, nor a notification with the connections that are pending")
	}
	for _, p := range j.Pending {
		if p.ConnectionID == "" {
			return Job{}, errors.New("decode a broadcast job: a pending connection has no id")
		}
	}
	if message {
		if err := protocol.CheckRoomID(j.RoomID); err != nil {
			return Job{}, fmt.Errorf("decode a broadcast job: %w", err)
		}
	}
	return j, nil
}

// With reports whether another job can be carried out together with this one.
func (j Job) With(next Job) bool {
	return j.RoomID != "" && j.RoomID == next.RoomID && j.Shard == next.Shard && len(j.Pending)+len(next.Pending) == 0
}

// job returns the job that continues a delivery with one of its frames.
func (d delivery) job(f frame) Job {
	return Job{
		RoomID: d.to.RoomID, FirstSeq: f.firstSeq, Seq: f.seq, Shard: d.to.Shard,
		NotificationID: d.notificationID, Frame: string(f.Data),
	}
}

// delivery returns the delivery that jobs continue, all for the same members.
func (j Job) delivery(frames []frame) delivery {
	return delivery{
		frames: frames, to: members.Membership{RoomID: j.RoomID, Shard: j.Shard},
		notificationID: j.NotificationID, queued: true,
	}
}

// PendingOf names a member in a job.
func PendingOf(m members.Member) Pending {
	return Pending{ConnectionID: m.ConnectionID, UserID: m.UserID, ConnectedAt: m.ConnectedAt.UnixMilli(), Established: m.Established}
}

// member returns the member that a job names.
func (p Pending) member() members.Member {
	return members.Member{
		ConnectionID: p.ConnectionID, UserID: p.UserID, ConnectedAt: time.UnixMilli(p.ConnectedAt),
		Status: members.Status{Established: p.Established},
	}
}
