package inboxtest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	TestStore(t, func(_ *testing.T, now func() time.Time) inbox.Store { return NewMemory(now) })
}
