package sendstest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/sends"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	TestStore(t, func(_ *testing.T, now func() time.Time) sends.Store { return NewMemory(now) })
}
