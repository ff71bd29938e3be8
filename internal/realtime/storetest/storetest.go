// Package storetest runs the conformance tests of stores: tests that every
// implementation of a port passes, the in-memory fake and the one on AWS alike.
package storetest

import (
	"sync"
	"testing"
	"time"
)

// Noon is when each test begins.
var Noon = time.UnixMilli(1_790_000_000_123)

// T is one test of a store, with the store's clock.
type T struct {
	*testing.T
	Now time.Time
}

// Clock returns the time of the test.
func (t *T) Clock() time.Time { return t.Now }

// Must ends the test if err is not nil.
func (t *T) Must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Cases are tests of a store by name. S holds the store and its [T].
type Cases[S any] map[string]func(s S)

// Run runs tests in parallel, each on a store of its own. newStore returns an empty
// store with the clock of its test.
func Run[S any](t *testing.T, newStore func(t *T) S, suites ...Cases[S]) {
	for _, cases := range suites {
		for name, run := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				run(newStore(&T{T: t, Now: Noon}))
			})
		}
	}
}

// Concurrently calls do a number of times at the same time, with the numbers from 0.
func Concurrently(count int, do func(i int)) {
	var wg sync.WaitGroup
	for i := range count {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}
