package fanout

import (
	"context"
	"net/url"
	"time"
)

const (
	// leastPosts and mostPosts are over how many posts a round the clients are
	// compared: fewer are lost in the noise, more tell nothing new.
	leastPosts, mostPosts = 2000, 20_000
)

// comparison is the posts that clients make between the messages.
type comparison struct {
	posting     *posting
	members     int // that the counting server stands in for
	each        int
	concurrency int // 0 until it is known

	floor   []time.Duration
	rounds  int
	walls   map[string][]time.Duration
	answers map[string]postsAnswer // sums
}

func (f Fanout) newComparison(ctx context.Context, members int) (*comparison, error) {
	callback, err := url.Parse(f.Stack.CallbackURL)
	if err != nil {
		return nil, err
	}
	child, err := startChild(f.Posting(ctx), &struct{}{})
	if err != nil {
		return nil, err
	}
	return &comparison{
		posting:     &posting{child: child, counting: f.Counting, url: "http://" + f.Counting.Address + callback.Path, bytes: f.Bytes + frameBytes},
		members:     members,
		each:        min(max(members, leastPosts), mostPosts),
		concurrency: f.Concurrency,
		walls:       map[string][]time.Duration{}, answers: map[string]postsAnswer{},
	}, nil
}

// frameBytes is about the size of a message's frame without its text.
const frameBytes = 160

// comparedClients are compared in this order.
var comparedClients = []string{clientFloor, clientPoster, clientSDK, clientSDKUntuned}

// round has every client make its posts once. The first round also makes some
// that are not counted, so that sockets are open.
func (c *comparison) round(mostInAir int) error {
	if c.concurrency == 0 {
		c.concurrency = max(mostInAir, 1)
	}
	if c.rounds == 0 {
		for _, client := range comparedClients {
			if _, _, err := c.posting.run(client, 2*c.concurrency, c.concurrency); err != nil {
				return err
			}
		}
	}
	c.rounds++
	took, _, err := c.posting.run(clientFloor, c.members, c.concurrency)
	if err != nil {
		return err
	}
	c.floor = append(c.floor, took)
	for _, client := range comparedClients {
		took, answer, err := c.posting.run(client, c.each, c.concurrency)
		if err != nil {
			return err
		}
		c.walls[client] = append(c.walls[client], took)
		sum := c.answers[client]
		sum.CPU, sum.Mallocs, sum.Bytes = sum.CPU+answer.CPU, sum.Mallocs+answer.Mallocs, sum.Bytes+answer.Bytes
		c.answers[client] = sum
	}
	return nil
}

// posts returns the comparison, given how long the messages took.
func (c *comparison) posts(wall Times) *Posts {
	p := &Posts{Concurrency: c.concurrency, Floor: timesOf(c.floor), PostsEach: c.each, Clients: map[string]Client{}}
	n := float64(c.rounds * c.each)
	for _, client := range comparedClients {
		sum := c.answers[client]
		p.Clients[client] = Client{
			Wall:       timesOf(c.walls[client]),
			CPUPerPost: 1000 * milliseconds(sum.CPU) / n, AllocsPerPost: float64(sum.Mallocs) / n, BytesPerPost: float64(sum.Bytes) / n,
		}
	}
	own := p.Clients[clientPoster].CPUPerPost
	p.WallToFloor = ratio(wall.P50, p.Floor.P50)
	p.CPUToFloor = ratio(own, p.Clients[clientFloor].CPUPerPost)
	p.CPUToSDK = ratio(own, p.Clients[clientSDK].CPUPerPost)
	p.CPUToSDKUntuned = ratio(own, p.Clients[clientSDKUntuned].CPUPerPost)
	return p
}

func (c *comparison) close() error { return c.posting.child.stop() }
