package chaos

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// Durations of the clients, shorter than the defaults, so that a run of minutes
// has many of each.
const (
	pingInterval   = 3 * time.Second
	requestTimeout = 5 * time.Second
	retryBase      = 100 * time.Millisecond
	retryMax       = 2 * time.Second
)

// stuck is how long an application waits to join or leave a room. No fault lasts
// that long: a device that is not in by then was forgotten by client or server.
const stuck = time.Minute

// device is a device of a run. It closes its client when the application goes
// away, and makes another when it comes back.
type device struct {
	run     *run
	plan    Plan
	network *network

	mu     sync.Mutex
	client *roomcastclient.Client // nil while it is away
	life   int
	record Device
	// places are the positions of the application, by room.
	places map[string]roomcastclient.Position
	visits map[string]int // how often it has left each room
	sent   int
	rolled int
}

func newDevice(r *run, p Plan) *device {
	return &device{
		run: r, plan: p, network: newNetwork(), places: map[string]roomcastclient.Position{}, visits: map[string]int{},
		record: Device{Name: p.Device, User: p.User, HearsNotifications: true},
	}
}

// start makes a client.
func (d *device) start() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.life++
	life := d.life
	// Callbacks of a client that was closed are ignored.
	alive := func(f func()) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.life == life {
			f()
		}
	}
	options := roomcastclient.Options{
		URLFunc:      func(context.Context) (string, error) { return d.run.address(d.plan.User, d.plan.Device), nil },
		HTTPClient:   d.network.client(),
		PingInterval: pingInterval, RequestTimeout: requestTimeout, CallTimeout: 2 * stuck, RetryBase: retryBase, RetryMax: retryMax,
		OnJoined:       func(j roomcastclient.Joined) { alive(func() { d.joined(j) }) },
		OnMessage:      func(m roomcastclient.Message) { alive(func() { d.got(m) }) },
		OnNotification: func(n roomcastclient.Notification) { alive(func() { d.notified(n, life) }) },
		OnCursor:       func(c roomcastclient.Cursor) { alive(func() { d.shown(c, life) }) },
	}
	if d.run.target.Mint != nil {
		options.Token = func(context.Context) (string, error) { return d.run.deviceToken(d.plan.User) }
	}
	client, err := roomcastclient.New(options)
	d.client = client
	return err
}

// stop closes the client: the application goes away.
func (d *device) stop() {
	d.mu.Lock()
	client := d.client
	d.client = nil
	d.life++
	for room, at := range d.places {
		// The client knows the epoch, also of an empty room. Only the application
		// knows which messages it has handled.
		if known, ok := client.Room(room).Position(); ok {
			d.places[room] = roomcastclient.Position{Seq: at.Seq, Epoch: known.Epoch}
		}
		d.happened(Event{Kind: Away, Room: room})
	}
	d.mu.Unlock()
	_ = client.Close() // always nil
}

// current returns the client, nil while the application is away.
func (d *device) current() *roomcastclient.Client {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.client
}

// happened records an event. d.mu is held.
func (d *device) happened(e Event) {
	e.At = time.Now()
	d.record.Events = append(d.record.Events, e)
}

func (d *device) joined(j roomcastclient.Joined) {
	d.run.count("joins", 1)
	if j.Recovered {
		d.run.count("recoveries", 1)
	}
	d.happened(Event{Kind: Joined, Room: j.RoomID, Seq: j.Position.Seq, Recovered: j.Recovered})
	d.places[j.RoomID] = j.Position
}

func (d *device) got(m roomcastclient.Message) {
	d.run.count("deliveries", 1)
	d.happened(Event{Kind: Got, Room: m.RoomID, Seq: m.Seq, ID: m.ID, Text: m.Text})
	d.places[m.RoomID] = roomcastclient.Position{Seq: m.Seq, Epoch: d.places[m.RoomID].Epoch}
}

func (d *device) shown(c roomcastclient.Cursor, life int) {
	d.run.count("cursors", 1)
	x, _, _ := c.Position.Plane()
	d.record.Cursors = append(d.record.Cursors, CursorShown{Life: life, Visit: d.visits[c.RoomID], Room: c.RoomID, User: c.UserID, ServerTime: c.Timestamp.UnixMilli(), X: int(x)})
}

func (d *device) notified(n roomcastclient.Notification, life int) {
	d.run.count("notifications", 1)
	d.record.Notified = append(d.record.Notified, Notified{ID: n.ID, Text: textOf(n.Data), Life: life})
	d.run.acknowledger.received(d.plan.User, d.plan.Device, n.ID)
}

// join joins a room, from a place if it is not nil, and waits for the answer.
func (d *device) join(ctx context.Context, room string, place *roomcastclient.Position) {
	asked := Event{Kind: AskedToJoin, Room: room, Seq: -1}
	if place != nil {
		asked.Seq = place.Seq
	}
	d.mu.Lock()
	d.happened(asked)
	client := d.client
	d.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, stuck)
	defer cancel()
	var since []roomcastclient.JoinOption
	if place != nil {
		since = append(since, roomcastclient.WithSince(*place))
	}
	if _, err := client.Room(room).Join(ctx, since...); err != nil {
		d.run.note("%s could not join %s: %v", d.plan.Device, room, err)
	}
}

// leave leaves a room and waits until that is done. It returns false if the client
// has not left.
func (d *device) leave(ctx context.Context, room string) bool {
	client := d.current()
	for {
		err := leaveWithin(ctx, client, room)
		if err == nil {
			break
		}
		d.run.note("%s could not leave %s: %v", d.plan.Device, room, err)
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return false
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.happened(Event{Kind: Left, Room: room})
	d.visits[room]++
	delete(d.places, room)
	return true
}

func leaveWithin(ctx context.Context, client *roomcastclient.Client, room string) error {
	ctx, cancel := context.WithTimeout(ctx, stuck)
	defer cancel()
	return client.Room(room).Leave(ctx)
}

// place returns the position of the application in a room.
func (d *device) place(room string) (roomcastclient.Position, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	at, ok := d.places[room]
	return at, ok
}

// drop cuts the device's connections.
func (d *device) drop(silent bool) {
	d.run.strike(Dropped, d.network.cut(silent))
}

// stick has every post to the device fail for a while, though its connection, and
// each one after it, is open.
func (d *device) stick(ctx context.Context, s Step) {
	held := map[string]*faults.Injection{}
	for end := time.Now().Add(s.For); time.Now().Before(end); {
		open := d.run.target.Watch.open(d.plan.Device)
		for _, id := range open {
			if held[id] == nil {
				held[id] = d.run.addFirst(faults.Rule{
					Name: fmt.Sprint(Errors, " stuck ", id, " at ", s.At), Operation: "PostToConnection", Resource: id, Status: 500,
				})
			}
			if held[id] == nil {
				return // the storm is over
			}
		}
		for id, injection := range held {
			if !slices.Contains(open, id) {
				injection.Remove()
				delete(held, id)
			}
		}
		if !faults.Sleep(ctx, 100*time.Millisecond) {
			return
		}
	}
	for _, injection := range held {
		injection.Remove()
	}
}

// rollover replaces the device's connection if it has one.
func (d *device) rollover(ctx context.Context) {
	client := d.current()
	if client == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if client.Rollover(ctx) != nil {
		return // the connection broke; the quota makes it try again
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rolled++
}

// rollovers returns the number of rollovers of the device.
func (d *device) rollovers() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rolled
}
