package cli

import (
	"fmt"
	"io"
)

// Console is where a run reports to a person.
type Console struct {
	Progress io.Writer // what the run is doing
	Logs     io.Writer // what the functions print
}

// Say reports progress.
func (c Console) Say(format string, args ...any) {
	fmt.Fprintf(c.Progress, "· "+format+"\n", args...)
}

// Warn reports what nobody should overlook.
func (c Console) Warn(format string, args ...any) {
	fmt.Fprintf(c.Progress, "\n!! WARNING: "+format+"\n\n", args...)
}

func (c Console) log(function, line string) {
	fmt.Fprintf(c.Logs, "%s | %s\n", function, line)
}
