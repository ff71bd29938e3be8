package dynamo

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/inbox"
	"github.com/roomcast/roomcast/internal/realtime/inbox/inboxtest"
	"github.com/roomcast/roomcast/internal/realtime/limits/limitstest"
	"github.com/roomcast/roomcast/internal/realtime/members/memberstest"
	"github.com/roomcast/roomcast/internal/realtime/roomlog/roomlogtest"
	"github.com/roomcast/roomcast/internal/realtime/sends"
	"github.com/roomcast/roomcast/internal/realtime/sends/sendstest"
	"github.com/roomcast/roomcast/internal/realtime/session/sessiontest"
)

func TestLog(t *testing.T) {
	t.Parallel()
	roomlogtest.TestLog(t, func(t *testing.T, now func() time.Time) roomlogtest.Log {
		return newLog(client, newTable(t), now)
	})
}

func TestSends(t *testing.T) {
	t.Parallel()
	sendstest.TestStore(t, func(t *testing.T, now func() time.Time) sends.Store {
		return NewSends(client, newTable(t), now)
	})
}

func TestInboxes(t *testing.T) {
	t.Parallel()
	inboxtest.TestStore(t, func(t *testing.T, now func() time.Time) inbox.Store {
		return NewInboxes(client, newTable(t), now)
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	limitstest.TestStore(t, func(t *testing.T, now func() time.Time) limitstest.Store {
		table := newTable(t)
		return limitstest.Store{Buckets: NewBuckets(client, table), Slots: NewSlots(client, table, now)}
	})
}

func TestMembers(t *testing.T) {
	t.Parallel()
	memberstest.TestStore(t, func(t *testing.T, now func() time.Time) memberstest.Store {
		table := newTable(t)
		return memberstest.Store{Connections: newConnections(client, table, now), Slots: NewSlots(client, table, now)}
	})
}

func TestSession(t *testing.T) {
	t.Parallel()
	sessiontest.TestStore(t, func(t *testing.T, now func() time.Time) sessiontest.Store {
		return newConnections(client, newTable(t), now)
	})
}
