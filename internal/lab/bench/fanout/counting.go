package fanout

import (
	"errors"
	"os/exec"
	"time"
)

// Counting is a counting server that runs, as its client sees it.
type Counting struct {
	// Address is its host and port.
	Address string

	child *child
}

// StartCounting starts a process that runs [Serve].
func StartCounting(cmd *exec.Cmd) (*Counting, error) {
	var ready serverReady
	c, err := startChild(cmd, &ready)
	if err != nil {
		return nil, err
	}
	return &Counting{Address: ready.Address, child: c}, nil
}

// Stop ends the process.
func (c *Counting) Stop() error { return c.child.stop() }

// hand has everything that is for real connections go to a gateway.
func (c *Counting) hand(gateway string) error {
	return c.child.ask(serverQuestion{Gateway: gateway}, &Count{})
}

// expect begins to count, for so many members.
func (c *Counting) expect(members int) error {
	return c.child.ask(serverQuestion{Expect: &members}, &Count{})
}

// await waits until all of them have had a post, for a time at most.
func (c *Counting) await(atMost time.Duration) (Count, error) {
	var count Count
	err := c.child.ask(serverQuestion{Await: atMost}, &count)
	return count, err
}

// posting is a process that runs [Post].
type posting struct {
	child    *child
	counting *Counting
	url      string
	bytes    int
}

// run has a client make posts, and returns how long they took until the last
// was answered.
func (p *posting) run(client string, posts, concurrency int) (time.Duration, postsAnswer, error) {
	var answer postsAnswer
	if err := p.counting.expect(posts); err != nil {
		return 0, answer, err
	}
	q := postsQuestion{Client: client, URL: p.url, Address: p.counting.Address, Posts: posts, Concurrency: concurrency, Bytes: p.bytes}
	if err := p.child.ask(q, &answer); err != nil {
		return 0, answer, err
	}
	count, err := p.counting.await(timeout)
	if err == nil && count.Members != posts {
		err = errors.New("bench fanout: the counting server has lost count of posts")
	}
	return time.Duration(count.Last - answer.Began), answer, err
}
