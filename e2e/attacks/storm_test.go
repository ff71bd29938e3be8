package attacks_test

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/roomcasttest"
)

// inFlight bounds the concurrent handshakes: more would only wait for the local
// cloud's functions, and reach API Gateway's timeout on a slow machine.
const inFlight = 250

// storm makes concurrent handshakes. It returns the opened sockets, which end
// with the test, and how often each status was answered.
func storm(t *testing.T, stack *roomcasttest.Stack, count int, query func(i int) url.Values) ([]*websocket.Conn, map[int]int) {
	t.Helper()
	var (
		mu       sync.Mutex
		open     []*websocket.Conn
		statuses = map[int]int{}
		all      sync.WaitGroup
		slots    = make(chan struct{}, inFlight)
	)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	for i := range count {
		address := stack.WebSocketURL() + "?" + query(i).Encode()
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			conn, response, err := websocket.Dial(ctx, address, nil)
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				open = append(open, conn)
				statuses[101]++
			case response != nil:
				statuses[response.StatusCode]++
			default:
				t.Errorf("handshake %d was not answered: %v", i, err)
			}
		})
	}
	all.Wait()
	t.Cleanup(func() { cut(open) })
	return open, statuses
}

// cut ends sockets without a close frame.
func cut(sockets []*websocket.Conn) {
	for _, conn := range sockets {
		_ = conn.CloseNow()
	}
}
