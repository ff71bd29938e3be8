package local

import (
	"log/slog"
	"strings"
)

// newLogger writes log records as lines of text under a name, beside those of
// the functions.
func newLogger(name string, lines func(name, line string)) *slog.Logger {
	return slog.New(slog.NewTextHandler(lineWriter{name, lines}, &slog.HandlerOptions{
		// Whoever shows the lines shows the time with them, or does not want it.
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	}))
}

// lineWriter turns a handler's writes, one to a record, into lines.
type lineWriter struct {
	name  string
	lines func(name, line string)
}

func (w lineWriter) Write(p []byte) (int, error) {
	w.lines(w.name, strings.TrimSuffix(string(p), "\n"))
	return len(p), nil
}
