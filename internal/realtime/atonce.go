package realtime

import (
	"sync"
	"sync/atomic"
)

// callConcurrency bounds the calls to a table that one request makes at the
// same time: with it, a hundred of them take about as long as seven one after
// the other.
const callConcurrency = 16

// inParallel calls f with every number below n, so many at the same time at
// most, and returns when all are done.
func inParallel(n, most int, f func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, most) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				f(int(i))
			}
		})
	}
	wg.Wait()
}
