package synth

import (
	"strings"
	"testing"
)

func TestCause(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("line\n", 100)
	for _, c := range []struct{ name, output, want string }{
		{"nothing", "", ""},
		{"last lines", "first\n" + long + "last", strings.Repeat("line\n", keptLines-1) + "last"},
		{"a panic without its trace", long + "panic: the prop is wrong: choose another\n\ngoroutine 1 [running]:\n" + long + "exit status 2", "the prop is wrong: choose another"},
		{"a panic of several lines", "panic: ValidationError: two things\n  one\n  two\n\ngoroutine 7 [running]:\nmain.main()", "ValidationError: two things\n  one\n  two"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := cause(c.output); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
