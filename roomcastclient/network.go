package roomcastclient

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http/httptrace"
	"time"
)

// keepAlive makes the kernel detect a dead peer of an idle connection within 30 s.
// Go's default takes about 5 minutes.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// withKeepAlive returns a context whose handshake sets keepAlive on its
// connection, no matter what dials it.
func withKeepAlive(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		conn := info.Conn
		if secure, ok := conn.(*tls.Conn); ok {
			conn = secure.NetConn()
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetKeepAliveConfig(keepAlive) // without it the ping notices later
		}
	}})
}

// callWithin calls a function of the application and returns at the end of ctx at
// the latest, even if the function ignores ctx.
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
