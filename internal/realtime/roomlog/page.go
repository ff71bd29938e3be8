package roomlog

import (
	"slices"

	"github.com/roomcast/roomcast/internal/protocol"
)

const (
	// firstRead is how many entries are read at first, while nothing is known of
	// their size: so few that even of the largest not many are read in vain.
	firstRead = 8
	// maxRead limits one read.
	maxRead = 500
)

// pageBuilder collects messages as long as they fit in a frame.
type pageBuilder struct {
	head     Head
	messages []protocol.Message
	bytes    int
	read     int // entries, tombstones included
}

func newPageBuilder(head Head) *pageBuilder {
	return &pageBuilder{head: head, messages: []protocol.Message{}}
}

// limit returns how many of the entries that are left to read next: as many as
// will fit if they are like those before.
func (p *pageBuilder) limit(left int64) int {
	n := firstRead
	if p.read > 0 {
		n = max((protocol.PageBytes-p.bytes)*p.read/max(p.bytes, 1), 0) + 1
	}
	return int(min(int64(n), left, maxRead))
}

// add takes an entry after the others, or reports that it does not fit.
func (p *pageBuilder) add(e Entry) bool {
	return p.insert(e, len(p.messages))
}

// prepend takes an entry before the others, or reports that it does not fit.
func (p *pageBuilder) prepend(e Entry) bool {
	return p.insert(e, 0)
}

func (p *pageBuilder) insert(e Entry, at int) bool {
	if e.Tombstone() {
		p.read++
		return true
	}
	m := e.Frame()
	size := protocol.Size(m)
	if len(p.messages) > 0 && p.bytes+size > protocol.PageBytes {
		return false
	}
	p.read++
	p.bytes += size
	p.messages = slices.Insert(p.messages, at, m)
	return true
}

// page returns the whole page, which ends or begins at a seq.
func (p *pageBuilder) page(seq int64, more bool) protocol.Page {
	return protocol.Page{Seq: seq, Epoch: p.head.Epoch, Recovered: true, More: more, Messages: p.messages}
}
