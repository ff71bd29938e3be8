package polling

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
	"github.com/roomcast/roomcast/internal/retry"
	"golang.org/x/sync/errgroup"
)

// heartbeat is how often a client pings, as Roomcast's own clients do by
// default: API Gateway closes a connection after 10 idle minutes.
const heartbeat = 5 * time.Minute

// pushed is what the bench reads of a frame.
type pushed struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// runPush measures a WebSocket for every user: each is the one member of a
// room of its own, to which its updates are published.
func (p Polling) runPush(ctx context.Context) (Side, error) {
	u := p.updates(func(ctx context.Context, user int, text string) error { return p.Publish(ctx, roomOf(user), text) })
	var w wire
	conns, err := p.connect(ctx, &w)
	defer func() {
		for _, conn := range conns {
			if conn != nil {
				_ = conn.CloseNow() // of no interest any more
			}
		}
	}()
	if err != nil {
		return Side{}, err
	}
	for _, conn := range conns {
		go receive(ctx, conn, u)
	}
	// The functions start with the first update, which is not one of these.
	if err := p.Publish(ctx, roomOf(0), "warm up"); err != nil {
		return Side{}, fmt.Errorf("bench polling: warm up: %w", err)
	}
	if err := retry.Sleep(ctx, time.Second); err != nil {
		return Side{}, err
	}
	opened := w.bytes()
	before, began := p.Usage(), time.Now()
	pinging, stop := context.WithCancel(ctx)
	defer stop()
	var pings atomic.Int64
	pinged := make(chan error, 1)
	go func() { pinged <- ping(pinging, conns, &pings) }()
	err = u.run(ctx, p.Duration)
	counted, requests, took := w.bytes(), pings.Load(), time.Since(began)
	used := p.Usage()
	stop()
	if failed := <-pinged; err == nil {
		err = failed
	}
	if err != nil {
		return Side{}, err
	}
	if err := u.awaitArrivals(ctx, 2*time.Second); err != nil {
		return Side{}, err
	}
	s := newSide(u, p.Users, requests, counted.since(opened), took)
	s.Connecting = opened
	s.PerMonth = pushBill(before, used, took, p.Users, s)
	return s, nil
}

func roomOf(user int) string { return "polling-" + strconv.Itoa(user) }

// connect opens every user's socket, a bounded number of handshakes at once.
func (p Polling) connect(ctx context.Context, w *wire) ([]*websocket.Conn, error) {
	conns := make([]*websocket.Conn, p.Users)
	client := &http.Client{Transport: &http.Transport{DialContext: w.dial}}
	g, dialing := errgroup.WithContext(ctx)
	g.SetLimit(32)
	for user := range conns {
		g.Go(func() error {
			query := url.Values{"userId": {"polling-user-" + strconv.Itoa(user)}, "roomId": {roomOf(user)}}
			conn, _, err := websocket.Dial(dialing, p.URL+"?"+query.Encode(), &websocket.DialOptions{HTTPClient: client})
			if err != nil {
				return fmt.Errorf("bench polling: connect user %d: %w", user, err)
			}
			conns[user] = conn
			return nil
		})
	}
	return conns, g.Wait()
}

// receive notes the updates that come over one connection, until it ends.
func receive(ctx context.Context, conn *websocket.Conn, u *updates) {
	for {
		_, data, err := conn.Read(ctx)
		if err != nil {
			return
		}
		var f pushed
		if json.Unmarshal(data, &f) == nil && f.Type == "message" {
			u.arrive(f.Message)
		}
	}
}

// ping has the users ping in turn, each once a heartbeat.
func ping(ctx context.Context, conns []*websocket.Conn, pings *atomic.Int64) error {
	tick := time.NewTicker(max(heartbeat/time.Duration(len(conns)), time.Millisecond))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := conns[n%len(conns)].Write(ctx, websocket.MessageText, []byte(`{"action":"ping"}`)); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("bench polling: ping: %w", err)
		}
		pings.Add(1)
	}
}
