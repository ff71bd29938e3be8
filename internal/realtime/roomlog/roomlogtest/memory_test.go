package roomlogtest

import (
	"testing"
	"time"
)

func TestMemory(t *testing.T) {
	t.Parallel()
	TestLog(t, func(_ *testing.T, now func() time.Time) Log { return NewMemory(now) })
}
