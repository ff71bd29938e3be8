// Package e2e_test drives the whole of Roomcast's own stack, as it would be
// deployed, over real sockets on the local cloud.
package e2e_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

// assembly is Roomcast's own app without authentication, synthesized once for
// all tests.
var assembly string

func TestMain(m *testing.M) {
	dir, remove, err := roomcasttest.Synth("..", roomcasttest.Open())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	assembly = dir
	code := m.Run()
	remove()
	os.Exit(code)
}
