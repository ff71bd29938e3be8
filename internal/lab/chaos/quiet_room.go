package chaos

import (
	"context"
	"slices"
	"time"
)

// quiet is the room that nobody sends to, so that no post shows which connections
// are gone: only their silence does.
const quiet = "quiet"

// readPresence reads the presence of the quiet, a small and the large room.
func (r *run) readPresence(ctx context.Context, name string) {
	c := r.admitSoon(ctx, name, guestToken, everything...)
	if c == nil {
		return
	}
	defer c.end()
	small := r.schedule.Rooms[0]
	if c.join(ctx, small) && c.join(ctx, largeRoom) && c.join(ctx, quiet) {
		r.tick(ctx, presenceEvery, func(n int) bool {
			c.ask(ctx, "presence", quiet, nil)
			c.ask(ctx, "presence", small, nil)
			if c.ask(ctx, "presence", largeRoom, nil).Type == "presence" {
				r.count(PresenceReads, 1)
			}
			return c.isOpen()
		})
	}
}

// goSilently joins the quiet room and closes its socket. Often the $disconnect is
// lost.
func (r *run) goSilently(ctx context.Context, name string) {
	if c := r.admitSoon(ctx, name, guestToken, everything...); c != nil {
		c.join(ctx, quiet)
		c.end()
	}
	r.pause(ctx, 2*time.Second)
}

// awaitQuiet reads the presence of the quiet room, which every guest has left,
// until nobody is listed any more, at most for the time for which those who left
// may be. It returns the users that are still listed, and false if there was no
// answer.
func (r *run) awaitQuiet(ctx context.Context) (listed []string, answered bool) {
	const name = "inspector"
	ctx, cancel := context.WithTimeout(ctx, presenceTimeout)
	defer cancel()
	for ctx.Err() == nil && (!answered || len(listed) > 0) {
		c := r.admitSoon(ctx, name, guestToken, everything...)
		if c == nil {
			break
		}
		c.join(ctx, quiet)
		r.tick(ctx, time.Second, func(int) bool {
			if f := c.ask(ctx, "presence", quiet, nil); f.Type == "presence" {
				listed, answered = slices.DeleteFunc(slices.Clone(f.Users), func(user string) bool { return user == name }), true
			}
			return c.isOpen() && (!answered || len(listed) > 0)
		})
		c.end()
	}
	return listed, answered
}
