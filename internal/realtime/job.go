package realtime

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/retry"
)

// Job asks to post a frame to one shard of a room, or to the connections that
// are still owed one.
type Job struct {
	// RoomID and Seq are the message's. A notification has neither.
	RoomID string `json:"roomId,omitempty"`
	Seq    int64  `json:"seq,omitempty"`
	// FirstSeq is the seq of the first message where the frame is a batch,
	// Seq that of its last. 0 says that there is only one.
	FirstSeq int64 `json:"firstSeq,omitempty"`
	// Shard is the shard of the room that the job is for, and Shards how many
	// there were when it was queued.
	Shard  int `json:"shard,omitempty"`
	Shards int `json:"shards,omitempty"`
	// NotificationID is the notification's. A message has none.
	NotificationID string `json:"notificationId,omitempty"`
	// Owed are the connections to post to, none for every member of the shard.
	Owed []Owed `json:"owed,omitempty"`
	// Cause is why they are owed: what became of the last post to one of them.
	Cause string `json:"cause,omitempty"`
	// Attempt tells this job from others about the same: it is queued even
	// when one of those was within the last five minutes.
	Attempt string `json:"attempt,omitempty"`
	// Frame is what is posted. It is a string in a job's JSON too, so that it
	// comes out of the queue as it went in, to the byte.
	Frame string `json:"frame"`
}

// MaxOwed is how many connections one job names at most: with the longest names
// there are, it is still small enough for a queue.
const MaxOwed = 100

// Owed is a connection that did not get a frame yet.
type Owed struct {
	ConnectionID string `json:"connectionId"`
	UserID       string `json:"userId"`
	ConnectedAt  int64  `json:"connectedAt"` // ms since 1970
	Established  bool   `json:"established,omitempty"`
}

// Queue keeps jobs until they are done. It keeps the order of the jobs that are
// for the whole of one shard of a room; a job with Owed waits for no other, and
// no other for it.
type Queue interface {
	// Enqueue stores jobs, in their order where that counts. Storing one again
	// within five minutes does nothing; jobs that differ in Attempt are not
	// the same. After an error some of them may have been stored.
	Enqueue(ctx context.Context, jobs ...Job) error
}

// DecodeJob reads a job from its JSON.
func DecodeJob(data []byte) (Job, error) {
	var j Job
	if err := json.Unmarshal(data, &j); err != nil {
		return Job{}, fmt.Errorf("decode a broadcast job: %w", err)
	}
	message := j.RoomID != "" && j.Seq >= 1 && j.Shard >= 0 && j.NotificationID == ""
	notification := j.RoomID == "" && j.NotificationID != "" && len(j.Owed) > 0
	switch {
	case j.Frame == "":
		return Job{}, errors.New("decode a broadcast job: it has no frame")
	case !message && !notification:
		return Job{}, errors.New("decode a broadcast job: it names neither a message, by roomId and seq, nor a notification with the connections that are owed it")
	}
	for _, o := range j.Owed {
		if o.ConnectionID == "" {
			return Job{}, errors.New("decode a broadcast job: a connection that is owed the frame has no id")
		}
	}
	if message {
		if err := protocol.CheckRoomID(j.RoomID); err != nil {
			return Job{}, fmt.Errorf("decode a broadcast job: %w", err)
		}
	}
	return j, nil
}

// job returns the job that goes on with a parcel of a delivery.
func (d delivery) job(p parcel) Job {
	return Job{
		RoomID: d.to.RoomID, FirstSeq: p.firstSeq, Seq: p.seq, Shard: d.to.Shard,
		NotificationID: d.notificationID, Frame: string(p.Data),
	}
}

// delivery returns the delivery that jobs go on with, all for the same members.
func (j Job) delivery(parcels []parcel) delivery {
	return delivery{
		parcels: parcels, to: Membership{RoomID: j.RoomID, Shard: j.Shard},
		notificationID: j.NotificationID, queued: true,
	}
}

// Owed names a member in a job.
func (m Member) Owed() Owed {
	return Owed{ConnectionID: m.ConnectionID, UserID: m.UserID, ConnectedAt: m.ConnectedAt.UnixMilli(), Established: m.Established}
}

// member returns the member that a job names.
func (o Owed) member() Member {
	return Member{
		ConnectionID: o.ConnectionID, UserID: o.UserID, ConnectedAt: time.UnixMilli(o.ConnectedAt),
		Standing: Standing{Established: o.Established},
	}
}

// Run carries out jobs: one with Owed, or some, in their order, that are for
// the whole of the same shard of a room, see [Job.With]. It needs Connections,
// Log, Inboxes, Poster and Queue. What is still owed when some got the frame goes into a
// job of its own. An error means that nobody did, or that it is not known who
// should: the jobs have to come back.
func (s *Service) Run(ctx context.Context, jobs ...Job) error {
	first := jobs[0]
	if len(first.Owed) > 0 {
		return s.runOwed(ctx, first)
	}
	reading, cancel := withMargin(ctx)
	defer cancel()
	members, err := s.membersInTime(reading, first)
	if err != nil {
		return fmt.Errorf("read the members of room %q: %w", first.RoomID, err)
	}
	d := first.delivery(pack(jobs))
	d.begun = s.ahead.begun
	if _, err := s.deliverOrQueue(ctx, d, members); err != nil {
		return err
	}
	if s.isCensusDue(first, len(members)) {
		s.census(reading, first.RoomID)
	}
	return nil
}

// With reports whether another job can be carried out together with this one.
func (j Job) With(next Job) bool {
	return j.RoomID != "" && j.RoomID == next.RoomID && j.Shard == next.Shard && len(j.Owed)+len(next.Owed) == 0
}

// pack puts the frames of jobs into as few as they fit in.
func pack(jobs []Job) []parcel {
	frames := make([][]byte, len(jobs))
	for i, j := range jobs {
		frames[i] = []byte(j.Frame)
	}
	var parcels []parcel
	for len(jobs) > 0 {
		n, frame := protocol.Pack(frames)
		p := parcel{Payload: NewPayload(frame), firstSeq: jobs[0].FirstSeq, seq: jobs[n-1].Seq}
		if n > 1 {
			p.firstSeq = jobs[0].Seq
		}
		parcels = append(parcels, p)
		jobs, frames = jobs[n:], frames[n:]
	}
	return parcels
}

// runOwed posts to the connections that a job names, and that still are owed
// its frame.
func (s *Service) runOwed(ctx context.Context, j Job) error {
	posting, cancel := withMargin(ctx)
	defer cancel()
	members := s.stillOwed(posting, j)
	parcels := []parcel{{Payload: NewPayload([]byte(j.Frame)), firstSeq: j.FirstSeq, seq: j.Seq}}
	o := s.deliver(posting, j.delivery(parcels), members)
	owed := o.owed[0]
	switch len(owed) {
	case 0:
		return nil
	case len(j.Owed):
		return fmt.Errorf("post to %d connections: %w", len(owed), o.cause)
	}
	// Fewer than before, so this comes to an end; and those who have it now
	// are neither posted to again nor found among the dead letters.
	j.Owed, j.Cause, j.Attempt = owed, describe(o.cause), s.newID()
	return s.queue.Enqueue(ctx, j)
}

// stillOwed returns the members that a job names, without those who have left
// the room since, or have said that they have everything up to its message, and
// without those whose user has acknowledged its notification. Where that cannot
// be read, they are owed.
func (s *Service) stillOwed(ctx context.Context, j Job) []Member {
	if j.NotificationID != "" {
		members := make([]Member, len(j.Owed))
		for i, o := range j.Owed {
			members[i] = o.member()
		}
		return s.withoutAcknowledged(ctx, j.NotificationID, members, func(Member) bool { return true })
	}
	owed := make([]bool, len(j.Owed))
	_ = base.ForEach(len(j.Owed), base.CallConcurrency, func(i int) error { // there are no errors
		m, err := s.connections.Member(ctx, j.Owed[i].ConnectionID, Membership{RoomID: j.RoomID, Shard: j.Shard})
		owed[i] = !errors.Is(err, ErrNotMember) && (err != nil || m.Has < j.Seq)
		return nil
	})
	var members []Member
	for i, o := range j.Owed {
		if owed[i] {
			members = append(members, o.member())
		}
	}
	return members
}

// membersInTime reads the members of a job's shard, again and again until the
// time is up: a job that fails comes back only after minutes, and holds up
// every later message of its shard until then.
func (s *Service) membersInTime(ctx context.Context, j Job) ([]Member, error) {
	for try := 0; ; try++ {
		members, err := s.ahead.read(func() ([]Member, error) {
			return s.connections.Members(ctx, j.RoomID, j.Shard, 0)
		})
		if err == nil || retry.Sleep(ctx, base.Backoff(try)) != nil {
			return members, err
		}
	}
}
