package roomcastclient

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http/httptrace"
	"time"
)

// keepAlive has the kernel notice within half a minute that nobody is there any
// more on a connection that is idle. Go's own setting takes some 5 minutes.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// watched returns a context whose handshake sets keepAlive on its connection,
// whatever dials it.
func withKeepAlive(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		conn := info.Conn
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn()
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetKeepAliveConfig(keepAlive) // without it the heartbeat notices, later
		}
	}})
}

// within calls a function of the application's, and does not wait for it longer
// than for the end of ctx, whether the function minds that or not.
func callWithin(ctx context.Context, option string, f func(context.Context) (string, error)) (string, error) {
	done := make(chan answer[string], 1)
	go func() {
		value, err := f(ctx)
		done <- answer[string]{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		return "", fmt.Errorf("%s did not return in time: %w", option, ctx.Err())
	}
}
