package tail_test

import (
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/tail"
)

func TestBuffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"short is kept whole", "one\ntwo\n", "one\ntwo"},
		{"long keeps whole last lines", strings.Repeat("x", 30) + "\nfirst\nlast\n", "first\nlast"},
		{"one long line keeps its end", strings.Repeat("x", 30) + "end", "xxxxxxxxxxxxxxxxxend"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := tail.New(20)
			for _, chunk := range []byte(c.in) {
				if n, err := b.Write([]byte{chunk}); n != 1 || err != nil {
					t.Fatalf("Write = %d, %v", n, err)
				}
			}
			if got := b.String(); got != c.want {
				t.Errorf("kept %q, want %q", got, c.want)
			}
		})
	}
}
