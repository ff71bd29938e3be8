package realtime

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/base"
	"github.com/roomcast/roomcast/internal/retry"
)

const (
	// retryWindow is how long a connection's post is tried again, from its
	// first try. The sender waits for it with its ack; after it, the queue
	// goes on.
	retryWindow = time.Second

	// stormWindow takes its place for a job of the queue while the account is
	// throttled. Nobody waits for it, handing the posts on would only add to
	// what there is to do, and what comes after them piles up and goes out as
	// one batch.
	stormWindow = 20 * time.Second

	// replyMargin is what a delivery leaves of the caller's deadline, so that
	// there is time to answer after it, and to queue what is left.
	replyMargin = 500 * time.Millisecond
)

// delivery is something on its way to some connections: what each of them gets,
// one after the other.
type delivery struct {
	parcels []parcel
	// to is where the members are who get a message, and zero for a
	// notification.
	to Membership
	// notificationID is that of a notification.
	notificationID string
	// queued says that nobody waits for the end of the delivery.
	queued bool
	// begun, if it is set, is called as the post to each connection begins.
	begun func()
}

// parcel is a frame with one message or, in a batch, several.
type parcel struct {
	Payload
	firstSeq, seq int64
}

// parcelOf returns the frame of one message, or of none.
func parcelOf(frame []byte, seq int64) []parcel {
	return []parcel{{Payload: NewPayload(frame), seq: seq}}
}

// outcome is what became of a delivery.
type outcome struct {
	mu sync.Mutex
	// delivered is how many connections got all of it.
	delivered int
	// owed are, for each parcel, those that did not get it and are not known
	// to be gone.
	owed [][]Owed
	// cause is what became of the last post to one of them.
	cause error
}

// note says that a member got everything up to one parcel, and the error that
// the post of that one had.
func (o *outcome) note(m Member, parcels int, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		o.delivered++
	case !errors.Is(err, errReaped):
		o.cause = err
		// In order: the later ones are not worth anything without it.
		for n := parcels; n < len(o.owed); n++ {
			o.owed[n] = append(o.owed[n], m.Owed())
		}
	}
}

// deliverOrQueue delivers, and queues jobs that name the connections that are
// still owed something. It returns how many have it all.
func (s *Service) deliverOrQueue(ctx context.Context, d delivery, members []Member) (int, error) {
	posting, cancel := withMargin(ctx)
	defer cancel()
	o := s.deliver(posting, d, members)
	if o.cause == nil {
		return o.delivered, nil
	}
	var jobs []Job
	for n, everybody := range o.owed {
		for owed := range slices.Chunk(everybody, MaxOwed) {
			job := d.job(d.parcels[n])
			job.Owed, job.Cause, job.Attempt = owed, describe(o.cause), s.newID()
			jobs = append(jobs, job)
		}
	}
	last := d.parcels[len(d.parcels)-1]
	s.logger.WarnContext(ctx, "a frame did not reach every connection, so it is queued for those",
		"roomId", d.to.RoomID, "seq", last.seq, "notificationId", d.notificationID,
		"owed", len(o.owed[len(o.owed)-1]), "error", o.cause)
	if err := s.queue.Enqueue(ctx, jobs...); err != nil {
		return o.delivered, fmt.Errorf("queue what is owed to %d connections: %w", len(o.owed[len(o.owed)-1]), err)
	}
	return o.delivered, nil
}

// deliver posts to connections, to as many at the same time as the pace allows.
// A post that fails is tried again for a while; a connection that is gone is
// forgotten.
func (s *Service) deliver(ctx context.Context, d delivery, members []Member) *outcome {
	o := &outcome{owed: make([][]Owed, len(d.parcels))}
	var late sync.WaitGroup
	inParallel(len(members), maxInAir, func(i int) {
		if d.begun != nil {
			d.begun()
		}
		n, err := s.deliverFrom(ctx, d, members[i], 0)
		if err == nil {
			o.note(members[i], n, nil)
			return
		}
		// Whoever waits for a next try keeps nobody from their first.
		late.Add(1)
		go s.insist(ctx, &late, o, d, members[i], n, err)
	})
	late.Wait()
	return o
}

// deliverFrom posts to one connection, once each, the parcels from the nth on.
// It returns how many it has then.
func (s *Service) deliverFrom(ctx context.Context, d delivery, m Member, n int) (int, error) {
	for ; n < len(d.parcels); n++ {
		if err := s.postOrReap(ctx, d, m, n); err != nil {
			return n, err
		}
	}
	return n, nil
}

// insist goes on with a connection that had an error at its nth parcel, until
// everything is posted or it is pointless.
func (s *Service) insist(ctx context.Context, wg *sync.WaitGroup, o *outcome, d delivery, m Member, n int, err error) {
	defer wg.Done()
	start := s.now()
	for try := 0; err != nil && !errors.Is(err, errReaped) && !errors.Is(err, ErrRefused); try++ {
		wait := base.Backoff(try)
		if s.now().Add(wait).Sub(start) > s.patience(d, err) || retry.Sleep(ctx, wait) != nil {
			break
		}
		before := n
		if n, err = s.deliverFrom(ctx, d, m, n); n > before {
			start, try = s.now(), 0
		}
	}
	o.note(m, n, err)
}

// patience returns how long a post is tried again that ended with an error.
func (s *Service) patience(d delivery, err error) time.Duration {
	if d.queued && errors.Is(err, ErrThrottled) && s.queuedPace.slowed() {
		return stormWindow
	}
	return retryWindow
}

// postOrReap posts one parcel once. A connection that turns out to be gone is
// forgotten, and the error is errReaped.
func (s *Service) postOrReap(ctx context.Context, d delivery, m Member, n int) error {
	pace := s.pace
	if d.queued {
		pace = s.queuedPace
	}
	pace.begin()
	err := s.poster.Post(ctx, m.ConnectionID, d.parcels[n].Payload)
	pace.end(err)
	if errors.Is(err, ErrGone) && s.isGone(ctx, m) {
		return s.reap(ctx, m, d.to)
	}
	return err
}

// describe puts the cause of a failure in a few words for whoever finds the
// job among the dead letters.
func describe(cause error) string {
	switch {
	case errors.Is(cause, ErrGone):
		return "answered as gone, but not confirmed to be"
	case errors.Is(cause, ErrThrottled):
		return "throttled"
	case errors.Is(cause, context.DeadlineExceeded):
		return "no answer in time"
	}
	const most = 200
	text := cause.Error()
	return text[:min(len(text), most)]
}

// withMargin returns a context that ends a little before ctx does.
func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-replyMargin))
}
