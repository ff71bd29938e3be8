package synth

import "strings"

// keptLines is how much of an app's last output an error quotes.
const keptLines = 20

// cause finds, in the end of what an app printed, why it failed. CDK reports
// what is wrong by panicking: of that the message is what helps, not the
// stack traces after it. Of other failures the last lines are the best guess.
func cause(output string) string {
	lines := strings.Split(output, "\n")
	for i, line := range lines {
		message, found := strings.CutPrefix(line, "panic: ")
		if !found {
			continue
		}
		for _, more := range lines[i+1:] {
			if strings.HasPrefix(more, "goroutine ") {
				break
			}
			message += "\n" + more
		}
		return strings.TrimSpace(message)
	}
	return strings.Join(lines[max(0, len(lines)-keptLines):], "\n")
}
