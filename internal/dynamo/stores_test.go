package dynamo

import "time"

// allConnections is everything that the table of connections keeps about them.
type allConnections struct {
	*Connections
	*Memberships
	*Expiries
}

func newConnections(api API, name string, now func() time.Time) *allConnections {
	return &allConnections{NewConnections(api, name, now), NewMemberships(api, name, now), NewExpiries(api, name, now)}
}

// allLogs is everything that the table of messages keeps about the logs of rooms.
type allLogs struct {
	*Log
	*Layouts
}

func newLog(api API, name string, now func() time.Time) *allLogs {
	return &allLogs{NewLog(api, name, now), NewLayouts(api, name)}
}
