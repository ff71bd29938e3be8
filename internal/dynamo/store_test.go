package dynamo

import (
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/realtimetest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	realtimetest.TestStore(t, func(t *testing.T, now func() time.Time) realtimetest.Store {
		connections, messages := newTable(t), newTable(t)
		return realtimetest.Store{
			Connections: newConnections(client, connections, now),
			Log:         newLog(client, messages, now),
			Sends:       NewSends(client, messages, now),
			Inboxes:     NewInboxes(client, messages, now),
			Buckets:     NewBuckets(client, connections),
			Slots:       NewSlots(client, connections, now),
		}
	})
}
