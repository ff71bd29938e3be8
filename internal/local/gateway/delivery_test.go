package gateway

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	api "github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi/types"
	"github.com/gobwas/ws"
)

func TestLongMessageLeavesInFramesOf32KB(t *testing.T) {
	t.Parallel()
	a := start(t)
	conn := a.connectRaw(t)
	message := []byte(strings.Repeat("0123456789", 10_000))
	if response, _ := a.command(t, http.MethodPost, a.onlyConnection(t).id, string(message)); response.StatusCode != http.StatusOK {
		t.Fatal(response.Status)
	}
	var got []byte
	for op := ws.OpText; ; op = ws.OpContinuation {
		f := readFrame(t, conn)
		if f.Header.OpCode != op || f.Header.Length > maxFrame || f.Header.Masked {
			t.Fatalf("frame %+v", f.Header)
		}
		got = append(got, f.Payload...)
		if f.Header.Fin {
			break
		}
	}
	if !bytes.Equal(got, message) {
		t.Errorf("got %d bytes of %d", len(got), len(message))
	}
}

func TestInvalidUTF8IsReplaced(t *testing.T) {
	t.Parallel()
	a := start(t)
	c := a.connect(t)
	a.command(t, http.MethodPost, a.onlyConnection(t).id, "a\xffb")
	if got := read(t, c); got != "a\uFFFDb" {
		t.Errorf("the client got %q", got)
	}
}

// A client that does not read gets 429 before long, does not hold up posts to
// another, and gets everything that was accepted once it reads.
func TestSlowClient(t *testing.T) {
	t.Parallel()
	a := start(t)
	slow := a.connect(t)
	slowID := a.onlyConnection(t).id
	accepted := 0
	for {
		_, err := a.sdk().PostToConnection(timeout(t), &api.PostToConnectionInput{
			ConnectionId: &slowID, Data: fmt.Appendf(nil, "%d %s", accepted, strings.Repeat("x", 64<<10)),
		})
		if _, ok := errors.AsType[*types.LimitExceededException](err); ok {
			break
		}
		if err != nil || accepted > 1000 {
			t.Fatalf("after %d posts: %v", accepted, err)
		}
		accepted++
	}
	fast := a.connect(t)
	a.conns.each(func(c *connection) {
		if c.id != slowID {
			go func() { _ = c.send([]byte("hello")) }()
		}
	})
	if got := read(t, fast); got != "hello" {
		t.Errorf("the other client got %q", got)
	}
	for n := range accepted {
		if got := read(t, slow); !strings.HasPrefix(got, fmt.Sprintf("%d ", n)) {
			t.Fatalf("message %d starts with %.10q", n, got)
		}
	}
	if response, _ := a.command(t, http.MethodPost, slowID, strings.Repeat("x", maxMessage)); response.StatusCode != http.StatusOK {
		t.Errorf("post after the client has read: %s", response.Status)
	}
}

// Posts from many sides arrive whole, and each side's in its order.
func TestConcurrentPosts(t *testing.T) {
	t.Parallel()
	const posters, posts = 8, 50
	a := start(t)
	c := a.connect(t)
	id := a.onlyConnection(t).id
	var wg sync.WaitGroup
	for p := range posters {
		wg.Go(func() {
			for n := range posts {
				a.command(t, http.MethodPost, id, fmt.Sprintf("%d %d", p, n))
			}
		})
	}
	next := make([]int, posters)
	for range posters * posts {
		var p, n int
		if text := read(t, c); len(text) == 0 {
			t.Fatal("empty message")
		} else if _, err := fmt.Sscan(text, &p, &n); err != nil || p >= posters || n != next[p] {
			t.Fatalf("message %q, want number %d", text, next[p])
		}
		next[p]++
	}
	wg.Wait()
}
