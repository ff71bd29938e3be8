package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gobwas/ws"
	"golang.org/x/sync/errgroup"
)

// timeout is how long the gateway may take for one answer.
const timeout = 10 * time.Second

// gatewayClient is a WebSocket that costs its process as little as it can.
type gatewayClient struct {
	conn net.Conn
	// unread is how many messages have been posted to it and not been read.
	unread int
}

type gatewayClients []*gatewayClient

func (c gatewayClients) close() {
	for _, client := range c {
		if client != nil {
			_ = client.conn.Close() // of no interest any more
		}
	}
}

// connect opens the connections and measures how fast. What is open is
// returned also when it fails.
func (g Gateway) connect(ctx context.Context, server *gatewayProcess, result *GatewayResult) (gatewayClients, error) {
	clients := make(gatewayClients, g.Connections)
	handshake := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"User-Agent: roomcast-bench\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", server.Path, server.Address)
	var next atomic.Int64
	begin := time.Now()
	work, ctx := errgroup.WithContext(ctx)
	for range g.Connectors {
		work.Go(func() error {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(clients) {
					return nil
				}
				var err error
				if clients[i], err = dialGateway(ctx, server.Address, handshake); err != nil {
					return fmt.Errorf("bench gateway: connection %d: %w", i+1, err)
				}
			}
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return clients, err
	}
	result.ConnectSeconds = time.Since(begin).Seconds()
	result.ConnectsPerSecond = float64(g.Connections) / result.ConnectSeconds
	return clients, nil
}

// dialGateway opens one WebSocket. Go has raised the limit of open files as far
// as it may by itself.
func dialGateway(ctx context.Context, address string, handshake []byte) (*gatewayClient, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if errors.Is(err, syscall.EMFILE) {
		return nil, fmt.Errorf("%w: raise the limit with ulimit -n, or hold fewer connections", err)
	}
	if err != nil {
		return nil, err
	}
	c := &gatewayClient{conn: conn}
	if err := c.shakeHands(handshake); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return c, nil
}

// shakeHands sends a handshake and reads the answer. The gateway says nothing
// after it by itself, so whatever is read belongs to it.
func (c *gatewayClient) shakeHands(handshake []byte) error {
	if err := c.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if _, err := c.conn.Write(handshake); err != nil {
		return err
	}
	var answer [512]byte
	n := 0
	for !bytes.HasSuffix(answer[:n], []byte("\r\n\r\n")) {
		m, err := c.conn.Read(answer[n:])
		if err != nil {
			return err
		}
		n += m
	}
	if !bytes.HasPrefix(answer[:n], []byte("HTTP/1.1 101 ")) {
		return fmt.Errorf("the gateway answers %q", answer[:n])
	}
	return nil
}

// id asks the gateway for the connection's id: its answer to a message that no
// route takes has it.
func (c *gatewayClient) id() (string, error) {
	if err := c.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return "", err
	}
	if err := ws.WriteFrame(c.conn, ws.MaskFrame(ws.NewTextFrame([]byte("?")))); err != nil {
		return "", err
	}
	header, err := ws.ReadHeader(c.conn)
	if err != nil {
		return "", err
	}
	payload := make([]byte, min(header.Length, 1<<10)) // Forbidden is shorter
	if _, err := io.ReadFull(c.conn, payload); err != nil {
		return "", err
	}
	var forbidden struct{ ConnectionID string }
	if json.Unmarshal(payload, &forbidden) != nil || forbidden.ConnectionID == "" {
		return "", fmt.Errorf("the gateway answers %q", payload)
	}
	return forbidden.ConnectionID, nil
}

// drain reads the messages that have been posted, size bytes each. It returns
// how many there were, when all have come or no more comes.
func (c *gatewayClient) drain(buffer *bufio.Reader, size int) (received int, err error) {
	if err := c.conn.SetReadDeadline(time.Now().Add(timeout)); err != nil {
		return 0, err
	}
	buffer.Reset(c.conn)
	for ; c.unread > 0; c.unread-- {
		header, err := ws.ReadHeader(buffer)
		if err != nil {
			return received, nil // counted as missing
		}
		if header.OpCode != ws.OpText || header.Length != int64(size) {
			return received, fmt.Errorf("bench gateway: a frame of %d bytes with opcode %d came, not one of %d", header.Length, header.OpCode, size)
		}
		if _, err := io.CopyN(io.Discard, buffer, header.Length); err != nil {
			return received, nil
		}
		received++
	}
	return received, nil
}
