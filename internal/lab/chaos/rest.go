package chaos

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// presenceTimeout is how long users whose connection ended silently may be listed
// as present: until their heartbeat is overdue, and a margin.
const presenceTimeout = ghostAfter + 5*time.Second

// awaitRest waits until nothing is in progress, and returns what still is.
func (r *run) awaitRest(ctx context.Context) string {
	answered := make(chan struct{})
	go func() {
		r.answers.Wait()
		close(answered)
	}()
	select {
	case <-answered:
	case <-time.After(restTimeout):
	case <-ctx.Done():
	}
	var left string
	r.pauseUntil(ctx, restTimeout, func() bool {
		left = r.unfinished(ctx)
		return left == ""
	})
	return left
}

// sendInEveryRoom sends messages to every room when nobody joins or leaves any
// more: each member must get them, in whichever shard it is.
func (r *run) sendInEveryRoom(ctx context.Context) {
	for range 2 {
		called := map[string]bool{}
		for _, d := range r.devices {
			for _, room := range d.plan.Rooms {
				if !called[room] {
					called[room] = true
					d.send(ctx, room, d.text(64))
				}
			}
		}
		r.pause(ctx, 500*time.Millisecond)
	}
}

// watchQueue records when the queue is empty, until ctx ends.
func (r *run) watchQueue(ctx context.Context) {
	for faults.Sleep(ctx, 50*time.Millisecond) {
		at := time.Now()
		depth, err := r.target.Store.depth(ctx, r.target.Store.Queue)
		if err != nil {
			if ctx.Err() == nil {
				r.fail(err)
			}
			return
		}
		if depth == 0 {
			r.mu.Lock()
			r.history.Idle = append(r.history.Idle, at)
			r.mu.Unlock()
		}
	}
}

// lastSweeps is how long the expiry function is called after the faults.
const lastSweeps = 15 * time.Second

// lastSweep has connections closed whose token has ended, after the faults, until
// all of them are closed.
func (r *run) lastSweep(ctx context.Context) {
	if r.target.Sweep == nil {
		return
	}
	var late []*raw
	r.pauseUntil(ctx, lastSweeps, func() bool {
		if err := r.target.Sweep(ctx); err != nil {
			r.fail(err)
			return true
		}
		late = slices.DeleteFunc(slices.Clone(r.guests), func(c *raw) bool { return !c.outlives() })
		return len(late) == 0
	})
	for _, c := range late {
		c.mu.Lock()
		if time.Since(c.guest.Grants[len(c.guest.Grants)-1].Ends) > lastSweeps+clockError {
			c.guest.Outlived = true
		}
		c.mu.Unlock()
	}
}

// unfinished returns what is in progress, "" if nothing is.
func (r *run) unfinished(ctx context.Context) string {
	var what []string
	depth, err := r.target.Store.depth(ctx, r.target.Store.Queue)
	if err != nil {
		return err.Error()
	}
	if depth > 0 {
		what = append(what, fmt.Sprintf("%d jobs are in the queue", depth))
	}
	for _, room := range r.schedule.Rooms {
		log, err := r.target.Store.log(ctx, room)
		if err != nil {
			return err.Error()
		}
		if len(log) == 0 {
			continue
		}
		head := log[len(log)-1].Seq
		for _, d := range r.devices {
			if at, in := d.place(room); in && at.Seq < head {
				what = append(what, fmt.Sprintf("%s is at seq %d of %s, whose newest is %d", d.plan.Device, at.Seq, room, head))
			}
		}
	}
	return strings.Join(what, "; ")
}

// collect completes the history with the state at the end.
func (r *run) collect(ctx context.Context) error {
	h, store := &r.history, r.target.Store
	h.Logs, h.Inboxes = map[string][]Entry{}, map[string]Inbox{}
	h.Present, h.Expected = map[string][]string{}, map[string][]string{}
	h.Devices, h.Rollovers = map[string]*Device{}, map[string]int{}
	var err error
	for _, room := range r.schedule.Rooms {
		if h.Logs[room], err = store.log(ctx, room); err != nil {
			return err
		}
		h.Expected[room] = r.expected(room)
		h.Present[room] = r.present(ctx, room, h.Expected[room])
	}
	for _, room := range []string{busy, club, flood} {
		if h.Logs[room], err = store.log(ctx, room); err != nil {
			return err
		}
	}
	h.Limits = r.target.Limits
	for _, c := range r.guests {
		c.end()
		<-c.done
		h.Guests = append(h.Guests, &c.guest)
	}
	if h.JoinAnswers, err = r.entered.all(); err != nil {
		return err
	}
	for user := range r.acknowledger.devices {
		if h.Inboxes[user], err = store.inbox(ctx, user); err != nil {
			return err
		}
	}
	if h.DLQ, err = store.jobs(ctx, store.DLQ); err != nil {
		return err
	}
	if h.Queued, err = store.jobs(ctx, store.Queue); err != nil {
		return err
	}
	r.acknowledger.mu.Lock()
	h.Acknowledged = r.acknowledger.acked
	r.acknowledger.mu.Unlock()
	h.Retention = retention
	r.target.Watch.seen(h)
	for _, d := range r.devices {
		d.mu.Lock()
		record := d.record
		h.Devices[d.plan.Device], h.Rollovers[d.plan.Device] = &record, d.rolled
		d.mu.Unlock()
	}
	h.Counts = r.injected()
	r.observe()
	return nil
}

// observe counts what is known only at the end.
func (r *run) observe() {
	h := &r.history
	r.count("dlqJobs", len(h.DLQ))
	r.count("queuedJobs", len(h.Queued))
	r.count("connections", len(h.Connections))
	r.count(Batches, r.target.Watch.batched())
	for _, c := range h.Connections {
		r.count("posts", len(c.Posts))
	}
	for _, g := range h.Guests {
		if g.Closed && len(g.Grants) == 1 && g.Until.After(g.Grants[0].Ends) {
			r.count(TokensEnded, 1)
		}
	}
	for _, log := range h.Logs {
		r.count("logged", len(log))
	}
	for _, seqs := range h.Deferred {
		r.count("deferred", len(seqs))
	}
	for _, ids := range h.Acknowledged {
		r.count("acknowledgedNotifications", len(ids))
	}
	for _, inbox := range h.Inboxes {
		r.count("droppedNotifications", int(inbox.Dropped))
	}
}

// expected returns the users who are in a room at the end, sorted.
func (r *run) expected(room string) []string {
	var users []string
	for _, d := range r.devices {
		if slices.Contains(d.plan.Rooms, room) {
			users = append(users, d.plan.User)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

// present reads the presence of a room until it is as expected, at most for the
// time for which it may differ.
func (r *run) present(ctx context.Context, room string, expected []string) []string {
	at := slices.IndexFunc(r.devices, func(d *device) bool { return slices.Contains(d.plan.Rooms, room) })
	var users []string
	r.pauseUntil(ctx, presenceTimeout, func() bool {
		p, err := r.devices[at].current().Room(room).Presence(ctx)
		if err != nil {
			return false
		}
		users = p.Users
		return slices.Equal(users, expected)
	})
	return users
}

// retention is how many messages a room recovers at least.
const retention = 1000
