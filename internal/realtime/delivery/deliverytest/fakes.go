package deliverytest

import (
	"context"
	"slices"
	"sync"

	"github.com/roomcast/roomcast/internal/realtime/delivery"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// Poster records the frames that it is to post.
type Poster struct {
	// PostFunc decides the result of a post. Default: it arrives.
	PostFunc func(ctx context.Context, connectionID string, frame []byte) error
	// ConfirmFunc answers Confirm. Default: the connection exists.
	ConfirmFunc func(ctx context.Context, connectionID string) error
	// CloseFunc decides the result of a Close. Default: the connection ends.
	CloseFunc func(ctx context.Context, connectionID string) error

	mu       sync.Mutex
	posted   map[string][]string
	closed   []string
	tries    int
	confirms int
}

var (
	_ delivery.Poster = (*Poster)(nil)
	_ session.Closer  = (*Poster)(nil)
)

// Post implements its port.
func (p *Poster) Post(ctx context.Context, connectionID string, payload delivery.Payload) error {
	p.mu.Lock()
	p.tries++
	p.mu.Unlock()
	if p.PostFunc != nil {
		if err := p.PostFunc(ctx, connectionID, payload.Data); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.posted == nil {
		p.posted = map[string][]string{}
	}
	p.posted[connectionID] = append(p.posted[connectionID], string(payload.Data))
	return nil
}

// Confirm implements its port.
func (p *Poster) Confirm(ctx context.Context, connectionID string) error {
	p.mu.Lock()
	p.confirms++
	p.mu.Unlock()
	if p.ConfirmFunc == nil {
		return nil
	}
	return p.ConfirmFunc(ctx, connectionID)
}

// Close implements its port.
func (p *Poster) Close(ctx context.Context, connectionID string) error {
	if p.CloseFunc != nil {
		if err := p.CloseFunc(ctx, connectionID); err != nil {
			return err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = append(p.closed, connectionID)
	return nil
}

// Closed returns the connections that were ended, sorted.
func (p *Poster) Closed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(slices.Values(p.closed))
}

// Posted returns the frames that a connection got, in order.
func (p *Poster) Posted(connectionID string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.posted[connectionID])
}

// Calls returns how often Post and Confirm were called.
func (p *Poster) Calls() (posts, confirms int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries, p.confirms
}

// Queue records the jobs that it is given.
type Queue struct {
	// Err is what Enqueue returns. It records jobs only if Err is nil.
	Err error

	mu   sync.Mutex
	jobs []delivery.Job
}

var _ delivery.Queue = (*Queue)(nil)

// Enqueue implements its port.
func (q *Queue) Enqueue(_ context.Context, jobs ...delivery.Job) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.Err == nil {
		q.jobs = append(q.jobs, jobs...)
	}
	return q.Err
}

// Jobs returns the recorded jobs, in order.
func (q *Queue) Jobs() []delivery.Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.jobs)
}
