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
			Connections: NewConnections(client, connections, now),
			Log:         NewLog(client, messages, now),
			Sends:       NewSends(client, messages, now),
			Inboxes:     NewInboxes(client, messages, now),
			Rates:       NewRates(client, connections),
			Seats:       NewSeats(client, connections, now),
		}
	})
}
