package cli

import (
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/faults"
)

func TestARuleOfNoFunctionIsWarnedOf(t *testing.T) {
	t.Parallel()
	injector := faults.New(1)
	for _, r := range []faults.Rule{{Name: "typo", Function: "Chat/Sent", Throttle: true}, {Function: "Chat/*", Throttle: true}} {
		if _, err := injector.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	warnOfUnmatched(Console{Progress: &out}, injector, []string{"Chat/Send", "Chat/Join"})
	want := "\n!! WARNING: fault typo: no function matches match.function \"Chat/Sent\", so it never applies; the functions are Chat/Send, Chat/Join\n\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
