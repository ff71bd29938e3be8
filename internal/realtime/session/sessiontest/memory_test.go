package sessiontest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits/limitstest"
	"github.com/roomcast/roomcast/internal/realtime/members/memberstest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	TestStore(t, func(_ *testing.T, now func() time.Time) Store {
		return memberstest.NewMemory(now, limitstest.NewMemory(now))
	})
}
