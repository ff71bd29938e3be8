package chaos

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// club is the small room that guests join, annex another one that they may always
// be in, and flood the room of the flooders.
const (
	club  = "club"
	annex = "annex"
	flood = "flood"
)

// Observed counts of guests.
const (
	// RightsTaken counts refreshes that removed a permission, TokensEnded the
	// connections that the server closed after the end of their token.
	RightsTaken = "rightsTaken"
	TokensEnded = "tokensEnded"
	// RateLimited counts messages over the rate, RoomsRefused joins over the limit.
	RateLimited  = "rateLimited"
	RoomsRefused = "roomsRefused"
	// InboxReads counts the inboxes that guests read.
	InboxReads = "inboxReads"
	// PresenceReads counts the presence frames of the large room.
	PresenceReads = "presenceReads"
)

const (
	// guestHeartbeat is the heartbeat of a guest, in seconds. A guest never pings,
	// so it is not present for long.
	guestHeartbeat = 2
	// guestToken is the lifetime of a guest's token, briefToken that of a guest that
	// waits for the end of its token.
	guestToken = 2 * time.Minute
	briefToken = 5 * time.Second
	// quitterEvery is how often a guest comes that only waits for its token to end.
	quitterEvery = 1500 * time.Millisecond
	// sayEvery and moveEvery are how often the host of the club sends a message and
	// moves its cursor.
	sayEvery  = 400 * time.Millisecond
	moveEvery = 200 * time.Millisecond
	// largeRoomMoves is how often somebody moves a cursor in the large room, largeRoomBurst how
	// many moves are made at once then: they pile up.
	largeRoomMoves = time.Second
	largeRoomBurst = 4
	// sweepEvery is how often connections are closed whose token has ended. On AWS
	// that is every minute, which is too long for a run.
	sweepEvery = 10 * time.Second
	// presenceEvery is how often a guest reads the presence.
	presenceEvery = 2500 * time.Millisecond
)

// promise are the fields of a guest's join.
var promise = map[string]any{"heartbeat": guestHeartbeat}

// visit has guests come and go during the storm. Some of them lose permissions
// for a while. ctx ends only if the run is abandoned.
func (r *run) visit(ctx, storming context.Context) {
	var all sync.WaitGroup
	again := func(name string, stay func(name string)) {
		all.Go(func() {
			for n := 1; storming.Err() == nil && ctx.Err() == nil; n++ {
				stay(fmt.Sprint(name, "-", n))
			}
		})
	}
	again("host", func(name string) { r.beHost(storming, name) })
	again("mover", func(name string) { r.moveInLargeRoom(storming, name) })
	again("watcher", func(name string) { r.readPresence(storming, name) })
	again("reader", func(visit string) { r.readInbox(storming, "reader", visit) })
	for n := range 3 {
		again(fmt.Sprint("passer", n+1), func(name string) { r.passBy(storming, name) })
	}
	again("leaver", func(name string) { r.goSilently(storming, name) })
	again("flooder", func(name string) { r.sendTooMuch(storming, name) })
	again("joiner", func(name string) { r.joinTooMuch(storming, name) })
	if r.target.Mint != nil {
		for n := range 3 {
			again(fmt.Sprint("guest", n+1), func(name string) { r.loseRights(storming, name) })
		}
		again("brief", func(name string) { r.outliveToken(ctx, storming, name) })
		again("quitter", func(name string) {
			r.admitSoon(storming, name, briefToken, club)
			r.pause(storming, quitterEvery)
		})
		all.Go(func() { r.sweep(storming) })
	}
	all.Go(func() { r.connectTooMuch(storming, "connector") })
	all.Wait()
}

// tick calls do periodically until ctx ends or do returns false.
func (r *run) tick(ctx context.Context, every time.Duration, do func(n int) bool) {
	for n := 1; ctx.Err() == nil && do(n); n++ {
		r.pause(ctx, every)
	}
}

// beHost sends messages to the club and moves its cursor there.
func (r *run) beHost(ctx context.Context, name string) {
	c := r.admitSoon(ctx, name, guestToken, everything...)
	if c == nil {
		return
	}
	defer c.end()
	if !c.join(ctx, club) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() {
		r.tick(ctx, sayEvery, func(n int) bool {
			c.say(ctx, club, fmt.Sprintf("%s #%d", name, n))
			return c.isOpen()
		})
	})
	both.Go(func() { r.tick(ctx, moveEvery, func(n int) bool { return c.move(ctx, club, n) }) })
	both.Wait()
}

// moveInLargeRoom moves a cursor in the large room, where others report it.
func (r *run) moveInLargeRoom(ctx context.Context, name string) {
	c := r.admitSoon(ctx, name, guestToken, everything...)
	if c == nil {
		return
	}
	defer c.end()
	if c.join(ctx, largeRoom) {
		r.tick(ctx, largeRoomMoves, func(n int) bool {
			for i := range largeRoomBurst {
				c.move(ctx, largeRoom, n*largeRoomBurst+i)
			}
			return c.isOpen()
		})
	}
}

// move moves the cursor of a guest. It returns false if the connection has ended.
func (c *raw) move(ctx context.Context, room string, n int) bool {
	c.run.mu.Lock()
	c.run.history.Moves = append(c.run.history.Moves, Move{User: c.guest.User, Room: room, X: n, At: time.Now()})
	c.run.mu.Unlock()
	return c.write(ctx, map[string]any{"action": "cursorMove", "roomId": room, "position": map[string]int{"x": n, "y": 0}}) && c.isOpen()
}

// loseRights joins the club, gets a token that does not permit the club while it
// joins again, tries what is forbidden now, and gets the permission back.
func (r *run) loseRights(ctx context.Context, name string) {
	c := r.admitSoon(ctx, name, guestToken, club, annex)
	if c == nil {
		return
	}
	defer c.end()
	if !c.join(ctx, annex) || !c.join(ctx, club) {
		return
	}
	r.pause(ctx, time.Second)
	c.say(ctx, club, name+" #1")
	var joining sync.WaitGroup
	joining.Go(func() { c.ask(ctx, "join", club, promise) })
	taken := c.refresh(ctx, guestToken, annex)
	joining.Wait()
	if !taken {
		return
	}
	r.count(RightsTaken, 1)
	for n := range 5 {
		c.say(ctx, club, fmt.Sprintf("%s forbidden #%d", name, n+1))
		c.ask(ctx, "history", club, nil)
		c.ask(ctx, "presence", club, nil)
		r.pause(ctx, 2*time.Second)
	}
	// Last, because a forbidden join takes the connection out of the room, and the
	// refresh alone has to do that.
	c.ask(ctx, "join", club, promise)
	if !c.refresh(ctx, guestToken, club, annex) || !c.join(ctx, club) {
		return
	}
	c.say(ctx, club, name+" #2")
}

// passBy joins the club for long enough that functions cache its membership,
// leaves it, and stays connected for a while.
func (r *run) passBy(ctx context.Context, name string) {
	c := r.admitSoon(ctx, name, guestToken, everything...)
	if c == nil {
		return
	}
	defer c.end()
	if !c.join(ctx, club) {
		return
	}
	r.pause(ctx, 2*memberCacheAge)
	if c.ask(ctx, "leave", club, nil).Type == "left" {
		r.pause(ctx, 2*memberCacheAge+2*time.Second)
	}
}

// outliveToken joins the club with a token that ends soon, and goes on after its
// end. It stays until the server closes the connection or the storm is over.
func (r *run) outliveToken(ctx, storming context.Context, name string) {
	c := r.admitSoon(storming, name, briefToken, club)
	if c == nil {
		return
	}
	if c.join(storming, club) {
		r.tick(storming, time.Second, func(n int) bool {
			c.say(ctx, club, fmt.Sprintf("%s #%d", name, n))
			return c.isOpen() && n < int((briefToken+clockError)/time.Second)+6
		})
	}
	// It is not closed here: at the end, the run checks that the server has.
}

// sweep calls the function that closes connections whose token has ended.
func (r *run) sweep(ctx context.Context) {
	if r.target.Sweep == nil {
		return
	}
	r.tick(ctx, sweepEvery, func(int) bool {
		if err := r.target.Sweep(ctx); err != nil && ctx.Err() == nil {
			r.fail(err)
		}
		return true
	})
}
