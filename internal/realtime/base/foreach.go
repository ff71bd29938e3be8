package base

import "golang.org/x/sync/errgroup"

// ForEach calls f with every number below n, at most limit calls at a time. It
// makes every call, also after one has failed, and returns the first error.
func ForEach(n, limit int, f func(i int) error) error {
	var g errgroup.Group
	g.SetLimit(limit)
	for i := range n {
		g.Go(func() error { return f(i) })
	}
	return g.Wait()
}
