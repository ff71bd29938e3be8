// Package e2e_test drives Roomcast's whole stack, as it would be deployed, over
// real sockets on the local cloud.
package e2e_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

// Roomcast's own app, synthesized once for all tests: guarded is the stack with
// tokens, as it is deployed, and assembly the one with open authentication.
var guarded, assembly string

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	for _, app := range []struct {
		assembly *string
		options  []roomcasttest.Option
	}{{&guarded, nil}, {&assembly, []roomcasttest.Option{roomcasttest.WithOpenAuth()}}} {
		dir, remove, err := roomcasttest.Synth("..", app.options...)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer remove()
		*app.assembly = dir
	}
	return m.Run()
}
