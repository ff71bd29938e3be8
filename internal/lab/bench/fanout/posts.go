package fanout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The clients that posts are compared with.
const (
	// clientFloor writes requests that were made beforehand to kept-alive
	// sockets and reads the status: no client can do with less.
	clientFloor = "floor"
	// clientPoster is Roomcast's own.
	clientPoster = "poster"
	// clientSDK is the SDK's, with sockets kept for every post in flight and
	// without retries; clientSDKUntuned is the SDK's as it comes.
	clientSDK        = "sdk"
	clientSDKUntuned = "sdkUntuned"
)

// postsQuestion asks for posts to the members of a counting server.
type postsQuestion struct {
	Client string `json:"client"`
	// URL is the stage's, Address the host and port in it.
	URL     string `json:"url"`
	Address string `json:"address"`
	// Posts are made to as many members, Concurrency at a time, of so many
	// Bytes each.
	Posts       int `json:"posts"`
	Concurrency int `json:"concurrency"`
	Bytes       int `json:"bytes"`
}

// postsAnswer is what they took.
type postsAnswer struct {
	// Began is when the first was made, in nanoseconds since 1970.
	Began int64 `json:"began"`
	// CPU is what the process took for them, Mallocs and Bytes what it
	// allocated meanwhile, all goroutines together.
	CPU     time.Duration `json:"cpu"`
	Mallocs uint64        `json:"mallocs"`
	Bytes   uint64        `json:"bytes"`
}

// post posts to one member, and worker tells which of the concurrent ones does.
type post func(ctx context.Context, worker, member int) error

// Post is the process that makes the posts that a stack's are compared with.
// It is asked by in and answers by out, and returns at the end of in.
func Post(ctx context.Context, in io.Reader, out io.Writer) error {
	clients := map[postsQuestion]post{} // by question without the number: sockets stay open
	return reply(in, out, struct{}{}, func(q postsQuestion) (postsAnswer, error) {
		if q.Posts < 1 || q.Concurrency < 1 {
			return postsAnswer{}, errors.New("bench fanout: posts and concurrency have to be at least 1")
		}
		key := q
		key.Posts = 0
		if clients[key] == nil {
			made, err := newClient(q)
			if err != nil {
				return postsAnswer{}, err
			}
			clients[key] = made
		}
		return measure(ctx, clients[key], q)
	})
}

func newClient(q postsQuestion) (post, error) {
	payload := []byte(strings.Repeat("x", q.Bytes))
	switch q.Client {
	case clientFloor:
		return newFloor(q, payload), nil
	case clientPoster:
		return newPoster(q, payload), nil
	case clientSDK, clientSDKUntuned:
		return newSDK(q, payload), nil
	}
	return nil, fmt.Errorf("bench fanout: there is no client %q", q.Client)
}

// measure makes the posts. Each worker takes members one after another until all
// are taken.
func measure(ctx context.Context, p post, q postsQuestion) (postsAnswer, error) {
	runtime.GC() // what came before is not theirs
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpu, err := processCPU()
	if err != nil {
		return postsAnswer{}, err
	}
	began := time.Now()
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	for worker := range min(q.Concurrency, q.Posts) {
		wg.Go(func() {
			for failed.Load() == nil {
				member := int(next.Add(1)) - 1
				if member >= q.Posts {
					return
				}
				if err := p(ctx, worker, member); err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			}
		})
	}
	wg.Wait()
	used, err := processCPU()
	if err != nil {
		return postsAnswer{}, err
	}
	runtime.ReadMemStats(&after)
	if cause := failed.Load(); cause != nil {
		return postsAnswer{}, fmt.Errorf("bench fanout: post by %s: %w", q.Client, *cause)
	}
	return postsAnswer{
		Began: began.UnixNano(), CPU: used - cpu,
		Mallocs: after.Mallocs - before.Mallocs, Bytes: after.TotalAlloc - before.TotalAlloc,
	}, nil
}
