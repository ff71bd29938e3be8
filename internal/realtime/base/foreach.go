package base

import (
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// ForEach calls f with every number below n, at most limit calls at a time, and begins
// the calls in ascending order. It makes every call, also after one has failed, and
// returns the first error. It starts at most limit goroutines.
func ForEach(n, limit int, f func(i int) error) error {
	var workers errgroup.Group
	var next atomic.Int64
	for range min(n, limit) {
		workers.Go(func() (first error) {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := f(i); err != nil && first == nil {
					first = err
				}
			}
			return first
		})
	}
	return workers.Wait()
}
