package limitstest

import (
	"testing"
	"time"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	TestStore(t, func(_ *testing.T, now func() time.Time) Store { m := NewMemory(now); return Store{m, m} })
}
