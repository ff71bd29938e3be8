package childproc

import (
	"bytes"
	"sync"
)

// cutMark ends a line that was longer than its bound.
const cutMark = " [cut]"

// Lines is an [io.Writer] that hands on what is written to it line by line,
// without line ends. Make one with [NewLines].
type Lines struct {
	mu   sync.Mutex
	max  int
	emit func(line string)
	part []byte // the line begun but not ended
	cut  bool   // part has reached max: the rest of the line is dropped
}

// NewLines returns a writer that calls emit for each line. A line of more
// than max bytes is cut there and marked. emit is never called twice at a time.
func NewLines(max int, emit func(line string)) *Lines {
	return &Lines{max: max, emit: emit}
}

// Write takes any piece of output; it never fails.
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

// Close hands on the last line if it lacks its end. It always returns nil.
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
