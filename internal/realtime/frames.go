package realtime

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// frameBurst is the time for which a connection may save up frames: after
	// it, it may send as many at once as in this time at its rate.
	frameBurst = 2 * time.Second
	// maxBuckets bounds the connections whose frames are counted at a time.
	maxBuckets = 10_000
	// frameDebt bounds what a connection may owe: what a call costs is sometimes
	// known only after it.
	frameDebt = 10 * time.Second
	// joinFrames is how many frames a join counts for, which writes the rows of
	// the connection and the member and reads the log; leaveFrames is the same
	// for a leave, which writes three times. historyFrames and inboxFrames are for
	// reading a log and an inbox, whose messages and notifications may be of 16 KB
	// each; a join that is answered with messages counts as a history.
	joinFrames    = 2
	leaveFrames   = 2
	historyFrames = 5
	inboxFrames   = 5
	// presenceMembers is how many members that a presence reads count as a frame,
	// about two read units.
	presenceMembers = 50
	// pingRooms is how many rooms of a ping count as a frame, because each of
	// them is written and read, and ackedIDs how many notifications that one
	// frame acknowledges, because each is written. All that a frame may name fit
	// into the burst of the default rate, several times.
	pingRooms = 2
	ackedIDs  = 2
	// strayShards is how many shards of a room are looked through for a frame, see
	// dropStray.
	strayShards = 4
)

// buckets hold the frames that connections may send: a bucket each, which
// fills at a rate. They are counted in memory, by each warm function.
type buckets struct {
	interval int64 // ns from one frame to the next at the rate; 0 for no limit

	mu sync.Mutex
	// young and old say of a bucket when it is full again, in ns since 1970:
	// one that is not there is full. As the young ones are half of all there
	// may be, they become the old ones, and what has been old since then is
	// forgotten: nobody has asked for it in thousands of frames.
	young, old map[string]int64
}

func newBuckets(rate int) *buckets {
	if rate <= 0 {
		return &buckets{}
	}
	return &buckets{interval: int64(time.Second) / int64(rate), young: map[string]int64{}}
}

// take takes frames out of a connection's bucket, or returns how long it is
// until there are as many. More than a full bucket holds counts as a full one.
func (b *buckets) take(connectionID string, frames int, now time.Time) (wait time.Duration) {
	if b.interval == 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at, burst := now.UnixNano(), int64(frameBurst)
	full, ok := b.young[connectionID]
	if !ok {
		full = b.old[connectionID]
	}
	if full < at || full > at+burst+int64(frameDebt) { // the latter when the clock was set back
		full = at
	}
	then := full + min(int64(frames)*b.interval, burst)
	if wait = time.Duration(then - at - burst); wait <= 0 {
		full, wait = then, 0
	}
	if !ok && len(b.young) >= maxBuckets/2 {
		b.young, b.old = map[string]int64{}, b.young
	}
	b.young[connectionID] = full // also of one that is refused, which is in use
	return wait
}

// charge takes frames out of a connection's bucket for a call that was let through
// and cost more than it counted for. What the bucket does not hold is a debt.
func (b *buckets) charge(connectionID string, frames int, now time.Time) {
	if b.interval == 0 || frames == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	at := now.UnixNano()
	full := max(b.young[connectionID], b.old[connectionID], at)
	b.young[connectionID] = min(full+int64(frames)*b.interval, at+int64(frameBurst+frameDebt))
}

// tooFast returns the answer to a call whose connection sends faster than it
// may, nil for any other. frames is how many the call counts for, all of them in
// one call. It comes before anything is read or stored, and needs no part.
func (s *Service) tooFast(ctx context.Context, c call, body []byte, frames int) protocol.Frame {
	of, rate := s.frames, s.limits.FrameRate
	if c.action == protocol.ActionCursorMove {
		of, rate = s.moves, s.limits.CursorRate
	}
	wait := of.take(c.connectionID, frames, s.now())
	if wait == 0 {
		return nil
	}
	c.clientID = cmp.Or(c.clientID, protocol.ClientID(body))
	return s.failure(ctx, c, rateLimited(wait, "this connection may send %d of these frames a second: send this one again later", rate))
}
