package delivery

import (
	"errors"
	"sync"
)

const (
	// DefaultDirectLimit is the number of members up to which the sender's own
	// function posts to a room. That many posts in parallel take hardly longer than
	// one; with more the sender would wait for its ack.
	DefaultDirectLimit = 100
	// maxInFlight limits the posts that a sender's function has in flight. It is as
	// high as the default direct limit, so that nobody in the room waits for another
	// member's slow connection.
	maxInFlight = DefaultDirectLimit
	// DefaultPostsInFlight takes its place for jobs of the queue. Two functions with
	// that many, at the 10 ms that API Gateway takes for a post, make the 10,000
	// requests a second that an account may make in most Regions, and leave some for
	// the small rooms.
	DefaultPostsInFlight = 50
	// minInFlight is what is left when nearly every post is throttled.
	minInFlight = 4
	// paceWindow is after how many posts a pace is adjusted at the earliest: a single
	// client that reads too slowly is also answered 429, and must not slow the others.
	paceWindow = 20
)

// Pace limits the posts in flight, by what the account's limit on requests lets
// through: API Gateway shares it among all functions and clients, and answers 429
// above it. Many 429 halve the pace, their absence raises it by an eighth.
type Pace struct {
	mu    sync.Mutex
	freed sync.Cond

	most, limit, inFlight int
	// posts and throttled count since the pace was last adjusted.
	posts, throttled int
}

// NewPace returns a pace of at most a number of posts in flight.
func NewPace(most int) *Pace {
	p := &Pace{most: most, limit: most}
	p.freed.L = &p.mu
	return p
}

// Begin waits until another post may be made.
func (p *Pace) Begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.inFlight >= p.limit {
		p.freed.Wait()
	}
	p.inFlight++
}

// End notes the result of a post.
func (p *Pace) End(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	p.posts++
	if errors.Is(err, ErrThrottled) {
		p.throttled++
	}
	if p.posts >= max(p.limit, paceWindow) {
		if p.throttled*10 > p.posts {
			p.limit = max(p.limit/2, minInFlight)
		} else {
			p.limit = min(p.limit+max(p.limit/8, 1), p.most)
		}
		p.posts, p.throttled = 0, 0
	}
	if p.inFlight < p.limit {
		p.freed.Signal()
	}
}

// slowed reports whether posts are held back because many were throttled.
func (p *Pace) slowed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit < p.most
}
