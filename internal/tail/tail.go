// Package tail keeps the end of a child process's output, for the error message
// if it fails.
package tail

import (
	"strings"
	"sync"
)

// Buffer is an io.Writer that remembers only the last bytes written to it.
// It is safe for several writers at once.
type Buffer struct {
	mu   sync.Mutex
	max  int
	data []byte
	cut  bool
}

// New returns a Buffer that keeps at most this many bytes.
func New(most int) *Buffer { return &Buffer{max: most} }

// Write keeps the end of p. It never fails.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.data = append(b.data, p...)
	if over := len(b.data) - b.max; over > 0 {
		b.data = append(b.data[:0], b.data[over:]...)
		b.cut = true
	}
	return len(p), nil
}

// String returns the kept text, without a partial first line and without blank
// lines around it.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := string(b.data)
	if b.cut {
		if _, whole, found := strings.Cut(text, "\n"); found {
			text = whole
		}
	}
	return strings.TrimSpace(text)
}
