// Package door_test attacks Roomcast's own stack as strangers can: over real
// sockets, with forged tokens, spoofed names, floods and whatever else
// docs/reference/attacks.md lists. Every attack is a subtest whose outcome is asserted;
// the table in that page is made of them.
package door_test

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/roomcast/roomcast/roomcasttest"
)

var update = flag.Bool("update", false, "write the attacks that were tried into docs/reference/attacks.md")

// assembly is Roomcast's own app as it is by default, with tokens, synthesized
// once for all tests.
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
