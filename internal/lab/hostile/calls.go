package hostile

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/roomcast/roomcast/roomcastclient"
)

// Call is a call of a client with arguments of its own.
type Call struct {
	// Name says which call it is, and which of all.
	Name string
	// Do makes the call. It always makes the same.
	Do func(ctx context.Context, c *roomcastclient.Client) error
}

// Calls returns n calls, the same for the same seed. They are about any rooms,
// and about the given one, which the client is in.
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

// call is what Do is.
type call = func(ctx context.Context, c *roomcastclient.Client) error

// name returns a name for a message or a notification, or none.
func name(r *rand.Rand) []roomcastclient.SendOption {
	if r.IntN(2) == 0 {
		return nil
	}
	return []roomcastclient.SendOption{roomcastclient.WithIdempotencyKey(text(r))}
}

// kinds are the calls of a client.
var kinds = []struct {
	name string
	make func(r *rand.Rand, at, room string) call
}{
	{"Send", func(r *rand.Rand, at, _ string) call {
		message, opts := text(r), name(r)
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
		v, opts := value(r, 4), name(r)
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
