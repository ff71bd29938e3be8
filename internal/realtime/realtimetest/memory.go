package realtimetest

import (
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox/inboxtest"
	"github.com/roomcast/roomcast/internal/realtime/limits/limitstest"
	"github.com/roomcast/roomcast/internal/realtime/members/memberstest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog/roomlogtest"
	"github.com/roomcast/roomcast/internal/realtime/sends/sendstest"
)

// The in-memory stores, by names that differ so that a [Memory] can embed all of them.
type (
	memoryMembers = memberstest.Memory
	memoryLog     = roomlogtest.Memory
	memorySends   = sendstest.Memory
	memoryInboxes = inboxtest.Memory
	memoryLimits  = limitstest.Memory
)

// Memory is all stores of the core in memory.
type Memory struct {
	*memoryMembers
	*memoryLog
	*memorySends
	*memoryInboxes
	*memoryLimits
}

var (
	_ Connections = (*Memory)(nil)
	_ Log         = (*Memory)(nil)
)

// NewMemory returns empty stores with a clock.
func NewMemory(now func() time.Time) *Memory {
	slots := limitstest.NewMemory(now)
	return &Memory{
		memoryMembers: memberstest.NewMemory(now, slots),
		memoryLog:     roomlogtest.NewMemory(now),
		memorySends:   sendstest.NewMemory(now),
		memoryInboxes: inboxtest.NewMemory(now),
		memoryLimits:  slots,
	}
}
