package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// sendTooMuch sends more than a user may, on several connections in parallel, and
// pauses afterwards. It begins with a burst, which is over the limit also on a
// machine that is slow.
func (r *run) sendTooMuch(ctx context.Context, name string) {
	const sockets, parallel, lasting, lasts, refused, quiet = 3, 30, 5, 25 * time.Second, 1500 * time.Millisecond, 15 * time.Second
	during, cancel := context.WithTimeout(ctx, lasts)
	defer cancel()
	var all sync.WaitGroup
	for i := range sockets {
		all.Go(func() {
			c := r.admitSoon(during, name, guestToken, everything...)
			if c == nil {
				return
			}
			defer c.end()
			if !c.join(during, flood) {
				return
			}
			var lines sync.WaitGroup
			for k := range parallel {
				lines.Go(func() {
					for n := 1; during.Err() == nil && c.isOpen() && (n == 1 || k < lasting); n++ {
						if c.say(during, flood, fmt.Sprintf("%s.%d.%d #%d", name, i+1, k+1, n)) == Refused {
							r.pause(during, refused)
						}
					}
				})
			}
			lines.Wait()
		})
	}
	all.Wait()
	r.pause(ctx, quiet)
}

// joinTooMuch joins more rooms than one connection may.
func (r *run) joinTooMuch(ctx context.Context, name string) {
	c := r.admitSoon(ctx, name, guestToken, everything...)
	if c == nil {
		return
	}
	defer c.end()
	for n := range r.target.Limits.RoomsPerConnection + 4 {
		c.join(ctx, fmt.Sprintf("corner-%d", n+1))
	}
	r.pause(ctx, 10*time.Second)
}

// connectTooMuch opens more connections than a user may have, once.
func (r *run) connectTooMuch(ctx context.Context, name string) {
	var all sync.WaitGroup
	defer all.Wait()
	for range r.target.Limits.ConnectionsPerUser + 5 {
		r.pause(ctx, 50*time.Millisecond)
		all.Go(func() {
			if c := r.admit(ctx, name, guestToken, everything...); c != nil {
				r.pause(ctx, 5*time.Second)
				c.end()
			}
		})
	}
}
