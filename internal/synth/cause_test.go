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
		{"a panic behind another process's line", long + "!! upgrade your node version !!panic: the prop is wrong: choose another\n\ngoroutine 1 [running]:\n" + long, "the prop is wrong: choose another"},
		{"a panic behind a line that speaks of one", "do not panic: all is fine\npanic: the prop is wrong\n\ngoroutine 1 [running]:\n", "the prop is wrong"},
		{"a panic between another process's lines", "warning\npanic: the prop is wrong\nwarning\n\ngoroutine 1 [running, locked to thread]:\n" + long, "the prop is wrong\nwarning"},
		{"a panic that was raised again", "panic: the prop is wrong [recovered, repanicked]\n\ngoroutine 1 [running]:\n", "the prop is wrong"},
		{"a fatal error", "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [sync.Mutex.Lock]:\n", "all goroutines are asleep - deadlock!"},
		{"no panic, but a line that speaks of one", "do not panic: all is fine\n" + long + "SyntaxError: no", strings.Repeat("line\n", keptLines-1) + "SyntaxError: no"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := cause(c.output); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
