package childproc

import (
	"bytes"
	"sync"
)

// cutMark ends a line that exceeded its maximum length.
const cutMark = " [cut]"

// Lines is an [io.Writer] that passes on its input line by line, without line ends.
// Use [NewLines].
type Lines struct {
	mu   sync.Mutex
	max  int
	emit func(line string)
	part []byte // the current line
	cut  bool   // part has max bytes: the rest of the line is dropped
}

// NewLines returns a writer that calls emit for each line. It cuts lines after most
// bytes and marks them. Calls of emit never overlap.
func NewLines(most int, emit func(line string)) *Lines {
	return &Lines{max: most, emit: emit}
}

// Write accepts any piece of output and never fails.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	for {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			l.keep(p)
			return n, nil
		}
		l.keep(p[:i])
		l.end()
		p = p[i+1:]
	}
}

// Close passes on the last line if it has no line end. It always returns nil.
func (l *Lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.part) > 0 {
		l.end()
	}
	return nil
}

func (l *Lines) keep(p []byte) {
	if room := l.max - len(l.part); len(p) > room {
		p, l.cut = p[:room], true
	}
	l.part = append(l.part, p...)
}

func (l *Lines) end() {
	line := string(bytes.TrimSuffix(l.part, []byte{'\r'}))
	if l.cut {
		line += cutMark
	}
	l.part, l.cut = l.part[:0], false
	l.emit(line)
}
