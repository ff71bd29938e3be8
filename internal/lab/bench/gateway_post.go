package bench

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"golang.org/x/sync/errgroup"
)

// maxUnread is how many messages are posted to a connection before its client
// reads them: few enough to wait in the kernel.
const maxUnread = 32

// post has every poster post to its share of the connections, in turn, and
// measures how fast. Requests are signed beforehand: the client's part of the
// work is not what is measured.
func (g Gateway) post(ctx context.Context, server *gatewayProcess, clients gatewayClients, result *GatewayResult) error {
	posters := make([]*poster, g.Posters)
	share := (len(clients) + g.Posters - 1) / g.Posters
	work, workCtx := errgroup.WithContext(ctx)
	for i := range posters {
		posters[i] = &poster{bytes: g.PostBytes, clients: clients[min(i*share, len(clients)):min((i+1)*share, len(clients))]}
		work.Go(func() error { return posters[i].prepare(workCtx, server) })
	}
	defer func() {
		for _, p := range posters {
			p.close()
		}
	}()
	if err := work.Wait(); err != nil {
		return err
	}

	var latency recorder
	var posts, received atomic.Int64
	begin := time.Now()
	work, workCtx = errgroup.WithContext(ctx)
	for _, p := range posters {
		work.Go(func() error {
			err := p.run(workCtx, begin.Add(g.Duration), &latency)
			posts.Add(int64(p.posts))
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	result.PostSeconds = time.Since(begin).Seconds()
	var rest errgroup.Group
	for _, p := range posters {
		rest.Go(func() error {
			err := p.drainAll()
			received.Add(int64(p.received))
			return err
		})
	}
	err := rest.Wait()
	result.Posts, result.Received = int(posts.Load()), int(received.Load())
	result.PostsPerSecond = float64(result.Posts) / result.PostSeconds
	result.Post = latency.latency()
	return err
}

// A poster posts to its own clients over one kept-alive HTTP connection.
type poster struct {
	clients  gatewayClients
	requests [][]byte // by client: a whole request, signed
	bytes    int

	conn    net.Conn
	answers *bufio.Reader
	frames  *bufio.Reader

	posts, received int
}

func (p *poster) close() {
	if p.conn != nil {
		_ = p.conn.Close() // of no interest any more
	}
}

// prepare opens the HTTP connection and signs a request for each client.
func (p *poster) prepare(ctx context.Context, server *gatewayProcess) error {
	for _, c := range p.clients {
		id, err := c.id()
		if err != nil {
			return fmt.Errorf("bench gateway: ask for a connection's id: %w", err)
		}
		request, err := server.signedPost(ctx, id, strings.Repeat("x", p.bytes))
		if err != nil {
			return err
		}
		p.requests = append(p.requests, request)
	}
	var dialer net.Dialer
	var err error
	if p.conn, err = dialer.DialContext(ctx, "tcp", server.Address); err != nil {
		return fmt.Errorf("bench gateway: %w", err)
	}
	p.answers, p.frames = bufio.NewReader(p.conn), bufio.NewReaderSize(nil, 16<<10)
	return nil
}

// run posts until then.
func (p *poster) run(ctx context.Context, until time.Time, latency *recorder) error {
	for i := 0; ctx.Err() == nil; i = (i + 1) % len(p.clients) {
		sent := time.Now()
		if sent.After(until) {
			return nil
		}
		if err := p.exchange(p.requests[i]); err != nil {
			return fmt.Errorf("bench gateway: post: %w", err)
		}
		latency.add(time.Since(sent))
		p.posts++
		c := p.clients[i]
		c.unread++
		if c.unread == maxUnread {
			if err := p.drain(c); err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// exchange sends a request and reads the answer, which has no body.
func (p *poster) exchange(request []byte) error {
	if err := p.conn.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if _, err := p.conn.Write(request); err != nil {
		return err
	}
	status, err := p.answers.ReadSlice('\n')
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(status, []byte("HTTP/1.1 200 ")) {
		return fmt.Errorf("the gateway answers %q", status)
	}
	for {
		line, err := p.answers.ReadSlice('\n')
		if err != nil || len(line) <= len("\r\n") {
			return err
		}
	}
}

func (p *poster) drain(c *gatewayClient) error {
	received, err := c.drain(p.frames, p.bytes)
	p.received += received
	return err
}

// drainAll reads what is left for the clients.
func (p *poster) drainAll() error {
	var all error
	for _, c := range p.clients {
		all = errors.Join(all, p.drain(c))
	}
	return all
}

// signedPost returns a post as it goes over the wire.
func (s *gatewayProcess) signedPost(ctx context.Context, id, message string) ([]byte, error) {
	target := "http://" + s.Address + s.Path + "/@connections/" + url.PathEscape(id)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, strings.NewReader(message))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256([]byte(message))
	credentials := aws.Credentials{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey, SessionToken: s.SessionToken}
	if err := v4.NewSigner().SignHTTP(ctx, credentials, r, hex.EncodeToString(sum[:]), "execute-api", s.Region, time.Now()); err != nil {
		return nil, fmt.Errorf("bench gateway: sign a post: %w", err)
	}
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		return nil, fmt.Errorf("bench gateway: %w", err)
	}
	return wire.Bytes(), nil
}
