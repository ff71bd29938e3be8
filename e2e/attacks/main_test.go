// Package attacks_test attacks Roomcast's own stack as a stranger can: over
// real sockets, with forged tokens, spoofed names, floods and everything else
// that docs/reference/attacks.md lists. Every attack is a subtest that asserts
// its outcome; the tables of that page are made of them.
package attacks_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

var update = flag.Bool("update", false, "write the attacks that were tried into docs/reference/attacks.md")

// assembly is Roomcast's own app with its defaults, which require tokens,
// synthesized once for all tests.
var assembly string

func TestMain(m *testing.M) {
	flag.Parse()
	dir, remove, err := roomcasttest.Synth("../..")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	assembly = dir
	code := m.Run()
	remove()
	if code == 0 && everythingRan() {
		if err := table.compare("../../docs/reference/attacks.md", *update); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}
