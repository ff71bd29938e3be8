package synth

import (
	"regexp"
	"strings"
)

// keptLines is how much of an app's last output an error quotes.
const keptLines = 20

var (
	// trace begins the stack traces that follow the message of a panic.
	trace = regexp.MustCompile(`(?m)^goroutine \d+ .*:$`)
	// panicked begins that message. It is at the start of a line, unless another
	// process, such as jsii's, has just written a line without its end.
	panicked = regexp.MustCompile(`(?m)^(?:panic|fatal error): |panic: `)
	// repanicked ends the message of a panic that was raised again.
	repanicked = regexp.MustCompile(` \[recovered(, repanicked)?\]`)
)

// cause finds why an app failed in the end of its output. The CDK reports
// errors by panicking: the message helps, the stack traces after it do not. For
// other failures the last lines are the best guess.
func cause(output string) string {
	before, traced := output, false
	if at := trace.FindStringIndex(output); at != nil {
		before, traced = output[:at[0]], true
	}
	if at := startOfPanic(before, traced); at >= 0 {
		message := panicked.ReplaceAllString(before[at:], "")
		return strings.TrimSpace(repanicked.ReplaceAllString(message, ""))
	}
	lines := strings.Split(output, "\n")
	return strings.Join(lines[max(0, len(lines)-keptLines):], "\n")
}

// startOfPanic returns where the message of a panic begins, or -1. A line that
// begins with the word takes precedence over one that contains it, which counts
// only before a stack trace.
func startOfPanic(text string, traced bool) int {
	found := panicked.FindAllStringIndex(text, -1)
	for _, at := range found {
		if at[0] == 0 || text[at[0]-1] == '\n' {
			return at[0]
		}
	}
	if len(found) == 0 || !traced {
		return -1
	}
	return found[len(found)-1][0]
}
