package hostile

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/roomcast/roomcast/roomcastclient"
)

// Call is one call of a client with fixed random arguments.
type Call struct {
	// Name names the method, the index and the seed.
	Name string
	// Do makes the call. Each time it makes the same one.
	Do func(ctx context.Context, c *roomcastclient.Client) error
}

// Calls returns n calls. A seed always gives the same ones. A third of them are about
// room, which the client must be in, and the others about random rooms.
func Calls(seed uint64, n int, room string) []Call {
	list := make([]Call, n)
	for i := range list {
		r := rand.New(rand.NewPCG(seed, uint64(i)))
		kind := pick(r, kinds)
		at := text(r)
		if r.IntN(3) == 0 {
			at = room
		}
		list[i] = Call{Name: fmt.Sprintf("%s %d of seed %d", kind.name, i, seed), Do: kind.make(r, at, room)}
	}
	return list
}

// call is the type of Call.Do.
type call = func(ctx context.Context, c *roomcastclient.Client) error

// key returns a random idempotency key or, half of the time, no option.
func key(r *rand.Rand) []roomcastclient.SendOption {
	if r.IntN(2) == 0 {
		return nil
	}
	return []roomcastclient.SendOption{roomcastclient.WithIdempotencyKey(text(r))}
}

// kinds are the methods of a client and its rooms. at is a room of any name, room the
// one that the client is in.
var kinds = []struct {
	name string
	make func(r *rand.Rand, at, room string) call
}{
	{"Send", func(r *rand.Rand, at, _ string) call {
		message, opts := text(r), key(r)
		return func(ctx context.Context, c *roomcastclient.Client) error {
			_, err := c.Room(at).Send(ctx, message, opts...)
			return err
		}
	}},
	{"Join", func(r *rand.Rand, at, room string) call {
		since := []roomcastclient.JoinOption{roomcastclient.WithSince(roomcastclient.Position{Seq: number(r), Epoch: text(r)})}
		if r.IntN(2) == 0 {
			since = nil
		}
		return func(ctx context.Context, c *roomcastclient.Client) error {
			_, err := c.Room(at).Join(ctx, since...)
			if err == nil && at != room {
				err = c.Room(at).Leave(ctx)
			}
			return err
		}
	}},
	{"Leave", func(_ *rand.Rand, at, room string) call {
		if at == room {
			at += "\n"
		}
		return func(ctx context.Context, c *roomcastclient.Client) error { return c.Room(at).Leave(ctx) }
	}},
	{"History", func(r *rand.Rand, at, _ string) call {
		before, limit := number(r), int(number(r))
		return func(ctx context.Context, c *roomcastclient.Client) error {
			_, err := c.Room(at).History(ctx, roomcastclient.WithBefore(before), roomcastclient.WithLimit(limit))
			return err
		}
	}},
	{"Presence", func(_ *rand.Rand, at, _ string) call {
		return func(ctx context.Context, c *roomcastclient.Client) error {
			_, err := c.Room(at).Presence(ctx)
			return err
		}
	}},
	{"MoveCursor", func(r *rand.Rand, at, _ string) call {
		to := pick(r, []roomcastclient.CursorPosition{{}, roomcastclient.PlanePosition(place(r), place(r)), roomcastclient.TextPosition(place(r), place(r))})
		color := text(r)
		return func(_ context.Context, c *roomcastclient.Client) error { return c.Room(at).MoveCursor(to, color) }
	}},
	{"Notify", func(r *rand.Rand, _, _ string) call {
		users := make([]string, pick(r, []int{0, 1, 1, 1, 2, 99, 100, 101}))
		same := text(r)
		for i := range users {
			users[i] = same + fmt.Sprint(i)
			if r.IntN(50) == 0 {
				users[i] = text(r)
			}
		}
		v, opts := value(r, 4), key(r)
		return func(ctx context.Context, c *roomcastclient.Client) error {
			_, err := c.Notify(ctx, users, v, opts...)
			return err
		}
	}},
	{"Acknowledge", func(r *rand.Rand, _, _ string) call {
		ids := make([]string, pick(r, []int{0, 1, 2, 100, 250}))
		same := text(r)
		for i := range ids {
			ids[i] = same
		}
		return func(ctx context.Context, c *roomcastclient.Client) error { return c.Acknowledge(ctx, ids...) }
	}},
	{"Request", func(r *rand.Rand, at, _ string) call {
		action := pick(r, []string{"shout", "shout", "shout", text(r), at, "$default", "ping", "leave"})
		fields := value(r, 4)
		if r.IntN(2) == 0 {
			fields = map[string]any{text(r): fields, "roomId": at}
		}
		return func(ctx context.Context, c *roomcastclient.Client) error {
			_, err := c.Request(ctx, action, fields)
			return err
		}
	}},
	{"Position", func(_ *rand.Rand, at, _ string) call {
		return func(_ context.Context, c *roomcastclient.Client) error {
			c.Room(at).Position()
			return nil
		}
	}},
}
