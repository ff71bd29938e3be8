package fanout

import (
	"sync/atomic"
	"time"
)

// meteredBytes is in how large steps API Gateway bills a message.
const meteredBytes = 32 << 10

// Count is what a counting server saw since its last Expect.
type Count struct {
	// Posts were answered; Members are the different connections among them.
	Posts   int `json:"posts"`
	Members int `json:"members"`
	// Bytes is the size of the bodies, Billed the messages that AWS would bill.
	Bytes  int64 `json:"bytes"`
	Billed int64 `json:"billed"`
	// First is when the first post came, Last when the last one was answered,
	// in nanoseconds since 1970; 0 without one.
	First int64 `json:"first"`
	Last  int64 `json:"last"`
	// MostInAir is how many waited for their answers at the same time.
	MostInAir int `json:"mostInAir"`
}

// tally counts posts. Nothing that a post passes takes a lock.
type tally struct {
	inAir atomic.Int64
	round atomic.Pointer[round]
}

// round is what is counted between two resets.
type round struct {
	posts, members, mostInAir atomic.Int64
	bytes, billed             atomic.Int64
	first, last               atomic.Int64

	seen   []uint64 // a bit for each member
	expect int64
	done   chan struct{} // closed when all that are expected have had a post
}

func newTally() *tally {
	t := &tally{}
	t.reset(0)
	return t
}

// reset starts to count again, and to wait for so many members.
func (t *tally) reset(expect int) {
	r := &round{seen: make([]uint64, (expect+63)/64), expect: int64(expect), done: make(chan struct{})}
	if expect == 0 {
		close(r.done)
	}
	t.round.Store(r)
}

// come notes that a post came in.
func (t *tally) come() {
	r, n := t.round.Load(), t.inAir.Add(1)
	if r.first.Load() == 0 {
		r.first.CompareAndSwap(0, time.Now().UnixNano())
	}
	for most := r.mostInAir.Load(); n > most && !r.mostInAir.CompareAndSwap(most, n); most = r.mostInAir.Load() {
	}
}

// answered records the answer to a post of so many bytes to a member.
func (t *tally) answered(member, size int, now time.Time) {
	r := t.round.Load()
	t.inAir.Add(-1)
	r.posts.Add(1)
	r.bytes.Add(int64(size))
	r.billed.Add(int64(max(1, (size+meteredBytes-1)/meteredBytes)))
	r.last.Store(now.UnixNano())
	word, bit := member/64, uint64(1)<<(member%64)
	if word < len(r.seen) && atomic.OrUint64(&r.seen[word], bit)&bit == 0 && r.members.Add(1) == r.expect {
		close(r.done)
	}
}

// complete is closed as soon as every member that is expected has had a post.
func (t *tally) complete() <-chan struct{} { return t.round.Load().done }

func (t *tally) count() Count {
	r := t.round.Load()
	return Count{
		Posts: int(r.posts.Load()), Members: int(r.members.Load()), Bytes: r.bytes.Load(), Billed: r.billed.Load(),
		First: r.first.Load(), Last: r.last.Load(), MostInAir: int(r.mostInAir.Load()),
	}
}
