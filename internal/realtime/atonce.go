package realtime

import "sync"

// callConcurrency bounds the calls to a table that one request makes at the
// same time: with it, a hundred of them take about as long as seven one after
// the other.
const callConcurrency = 16

// atOnce calls f with every number below n, several at the same time, and
// returns the error of the first number that has one.
func atOnce(n int, f func(i int) error) error {
	failed := make([]error, n)
	slots := make(chan struct{}, callConcurrency)
	var wg sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			failed[i] = f(i)
		})
	}
	wg.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}
