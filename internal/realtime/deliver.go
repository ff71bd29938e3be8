package realtime

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

const (
	// postConcurrency bounds the posts that one delivery has in the air. It
	// is as high as the default direct limit, so that in a room that its
	// sender posts to nobody ever waits for another member's slow connection.
	postConcurrency = DefaultDirectLimit

	// postTimeout ends one post. API Gateway answers in some 10 ms; a post
	// that is given up may have arrived, so giving up early makes doubles.
	postTimeout = 2 * time.Second

	// retryWindow is how long a connection's post is tried again, from its
	// first try. The sender waits for it with its ack; after it, the queue
	// goes on.
	retryWindow = time.Second

	// The wait before a retry is random, up to firstBackoff before the first
	// and twice as much before each further one, never above maxBackoff.
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 800 * time.Millisecond

	// replyMargin is what a delivery leaves of the caller's deadline, so that
	// there is time to answer after it.
	replyMargin = 500 * time.Millisecond
)

// delivery is one frame on its way to some connections.
type delivery struct {
	frame []byte
	// roomID and seq are those of a message, and shard is where the members
	// are who get it.
	roomID string
	seq    int64
	shard  int
	// notificationID is that of a notification.
	notificationID string
	// once says that the frame is not worth a second try.
	once bool
}

// outcome is what became of a delivery.
type outcome struct {
	// delivered is how many connections got the frame.
	delivered int
	// owed are those that did not, and are not known to be gone.
	owed []Owed
	// cause is what became of the last post to one of them.
	cause error
}

// deliverOrQueue delivers a frame, and queues a job that names the connections
// it is still owed to. It returns how many have it.
func (s *Service) deliverOrQueue(ctx context.Context, d delivery, members []Member) (int, error) {
	posting, cancel := withMargin(ctx)
	defer cancel()
	o := s.deliver(posting, d, members)
	if len(o.owed) == 0 || d.once {
		return o.delivered, nil
	}
	s.logger.WarnContext(ctx, "a frame did not reach every connection, so it is queued for those",
		"roomId", d.roomID, "seq", d.seq, "notificationId", d.notificationID, "owed", len(o.owed), "error", o.cause)
	for owed := range slices.Chunk(o.owed, MaxOwed) {
		job := d.job()
		job.Owed, job.Cause, job.Attempt = owed, describe(o.cause), s.newID()
		if err := s.queue.Enqueue(ctx, job); err != nil {
			return o.delivered, fmt.Errorf("queue what is owed to %d connections: %w", len(owed), err)
		}
	}
	return o.delivered, nil
}

// deliver posts a frame to connections, all at the same time as far as
// postConcurrency allows. A post that fails is tried again for a while; a
// connection that is gone is forgotten.
func (s *Service) deliver(ctx context.Context, d delivery, members []Member) outcome {
	slots := make(chan struct{}, postConcurrency)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var o outcome
	for _, m := range members {
		slots <- struct{}{}
		wg.Go(func() {
			err := s.deliverTo(ctx, d, m, slots)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				o.delivered++
			case !errors.Is(err, errReaped):
				o.owed, o.cause = append(o.owed, m.Owed()), err
			}
		})
	}
	wg.Wait()
	return o
}

// deliverTo posts to one connection until that is done or pointless. It is
// called with a slot taken, and holds one only while it does something: a
// connection that waits for its next try keeps nobody from theirs.
func (s *Service) deliverTo(ctx context.Context, d delivery, m Member, slots chan struct{}) error {
	start := s.now()
	for try := 0; ; try++ {
		err := s.postOrReap(ctx, d, m)
		<-slots
		if err == nil || d.once || errors.Is(err, errReaped) || errors.Is(err, ErrRefused) {
			return err
		}
		wait := backoff(try)
		if s.now().Add(wait).Sub(start) > retryWindow || sleep(ctx, wait) != nil {
			return err
		}
		slots <- struct{}{}
	}
}

// postOrReap posts once. A connection that turns out to be gone is forgotten,
// and the error is errReaped.
func (s *Service) postOrReap(ctx context.Context, d delivery, m Member) error {
	err := s.post(ctx, m.ConnectionID, d.frame)
	if errors.Is(err, ErrGone) && s.isGone(ctx, m) {
		return s.reap(ctx, m, d.roomID)
	}
	return err
}

func (s *Service) post(ctx context.Context, connectionID string, frame []byte) error {
	ctx, cancel := context.WithTimeout(ctx, postTimeout)
	defer cancel()
	return s.poster.Post(ctx, connectionID, frame)
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

// backoff returns how long to wait after a failed try, the first being 0.
// Waits that are random from zero ("full jitter") spread the retries best:
// https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
func backoff(try int) time.Duration {
	most := maxBackoff
	if try < 4 { // from there on the maximum is reached, and shifting could overflow
		most = firstBackoff << try
	}
	return rand.N(most)
}

// sleep waits, or returns the context's error as soon as it ends.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// withMargin returns a context that ends a little before ctx does.
func withMargin(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-replyMargin))
}
