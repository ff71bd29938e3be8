package fanout

import (
	"context"
	"errors"
	"io"
	"time"
)

// serverReady is the first line that a counting server writes.
type serverReady struct {
	Address string `json:"address"` // host and port
}

// serverQuestion is what a counting server is asked. The answer is the count
// so far.
type serverQuestion struct {
	// Gateway is where everything goes from now on that is for a connection
	// that the server does not stand in for. "" changes nothing.
	Gateway string `json:"gateway,omitempty"`
	// Expect starts to count again, and says how many members get a post; nil
	// changes nothing.
	Expect *int `json:"expect,omitempty"`
	// Await is how long to wait, at most, until all of them have had one.
	Await time.Duration `json:"await,omitempty"`
}

// Serve is the process of a counting server, which answers each post after a
// time. It listens on the loopback, tells by in and out, and returns at the
// end of in.
func Serve(ctx context.Context, latency time.Duration, in io.Reader, out io.Writer) (err error) {
	if latency < 0 {
		return errors.New("bench fanout: the time that a post takes cannot be negative")
	}
	s, err := newServer(latency)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return reply(in, out, serverReady{s.address()}, func(q serverQuestion) (Count, error) {
		if q.Gateway != "" {
			s.gateway.Store(&q.Gateway)
		}
		if q.Expect != nil {
			s.tally.reset(*q.Expect)
		}
		if q.Await > 0 {
			select {
			case <-s.tally.complete():
			case <-time.After(q.Await):
			case <-ctx.Done():
				return Count{}, ctx.Err()
			}
		}
		return s.tally.count(), nil
	})
}
