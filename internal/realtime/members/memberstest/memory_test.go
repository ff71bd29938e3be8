package memberstest

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits/limitstest"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	TestStore(t, func(_ *testing.T, now func() time.Time) Store {
		slots := limitstest.NewMemory(now)
		return Store{NewMemory(now, slots), slots}
	})
}
