package main

import (
	"testing"

	"github.com/roomcast/roomcast/internal/cli"
)

// A load runs without limits. An app is synthesized without authentication; an
// assembly is synthesized already.
func TestForLoad(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flags cli.StackFlags
		open  bool
	}{"app": {cli.StackFlags{App: "."}, true}, "assembly": {cli.StackFlags{Assembly: "cdk.out"}, false}} {
		f := forLoad(test.flags)
		if f.Context.Open != test.open {
			t.Errorf("%s: open is %v", name, f.Context.Open)
		}
		if f.Environment["ROOMCAST_MESSAGE_RATE"] != "0" || f.Environment["ROOMCAST_CONNECTIONS_PER_IP"] != "0" {
			t.Errorf("%s: the environment is %v", name, f.Environment)
		}
	}
}
