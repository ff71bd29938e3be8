package realtime

import (
	"errors"
	"sync"
)

const (
	// maxInAir bounds the posts that a sender's function has in the air. It is
	// as high as the default direct limit, so that nobody in the room waits for
	// another member's slow connection.
	maxInAir = DefaultDirectLimit
	// DefaultPostsInFlight takes its place for jobs of the queue. Two functions
	// with so many, at the 10 ms that API Gateway takes for a post, make the
	// 10,000 requests a second that an account may make in most Regions, and leave
	// the small rooms their turn.
	DefaultPostsInFlight = 50
	// maxCursorsInAir takes its place for the moves of cursors, which are the
	// first that can do without: two functions with so many make 1,600 requests
	// a second.
	maxCursorsInAir = 8
	// minInAir is what is left of that when nearly every post is throttled.
	minInAir = 4
	// paceWindow is after how many posts the pace is thought over at the
	// earliest: a single client that reads too slowly is also answered 429, and
	// must not slow the others.
	paceWindow = 20
)

// pace bounds the posts in the air, by what the account's limit on requests
// lets through: API Gateway shares it among all functions and clients, and says
// 429 above it. Many 429 halve the pace, their absence raises it by an eighth.
type pace struct {
	mu    sync.Mutex
	freed sync.Cond

	most, limit, inAir int
	// posts and throttled count since the pace was last thought over.
	posts, throttled int
}

func newPace(most int) *pace {
	p := &pace{most: most, limit: most}
	p.freed.L = &p.mu
	return p
}

// begin waits until another post may be made.
func (p *pace) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.inAir >= p.limit {
		p.freed.Wait()
	}
	p.inAir++
}

// end says what became of the post.
func (p *pace) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inAir--
	p.posts++
	if errors.Is(err, ErrThrottled) {
		p.throttled++
	}
	if p.posts >= max(p.limit, paceWindow) {
		if p.throttled*10 > p.posts {
			p.limit = max(p.limit/2, minInAir)
		} else {
			p.limit = min(p.limit+max(p.limit/8, 1), p.most)
		}
		p.posts, p.throttled = 0, 0
	}
	if p.inAir < p.limit {
		p.freed.Signal()
	}
}

// slowed reports whether posts are held back because many were throttled.
func (p *pace) slowed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.limit < p.most
}
