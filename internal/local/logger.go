package local

import (
	"log/slog"
	"strings"
)

// newLogger returns a logger whose records are lines under a name, like the lines
// of functions.
func newLogger(name string, lines func(name, line string)) *slog.Logger {
	return slog.New(slog.NewTextHandler(lineWriter{name, lines}, &slog.HandlerOptions{
		// The caller adds the time to the lines, if it wants it.
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// lineWriter passes each write of a handler, which is one record, on as a line.
type lineWriter struct {
	name  string
	lines func(name, line string)
}

func (w lineWriter) Write(p []byte) (int, error) {
	w.lines(w.name, strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
