package usage

import "time"

// connections has the connections of one API.
type connections struct {
	opened  int64
	minutes int64 // of ended connections, without those counted before the last reset
	open    map[string]*connection
}

// connection is an open connection.
type connection struct {
	since   time.Time
	counted int64 // counted before the last reset
}

// Connected and Disconnected delimit the minutes of a connection. Started minutes
// are billed.
func (m *Meter) Connected(api, connectionID string, at time.Time) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := entry(m.connections, api)
	c.opened++
	if c.open == nil {
		c.open = map[string]*connection{}
	}
	c.open[connectionID] = &connection{since: at}
}

// Disconnected ends a connection. It ignores connections that are not open.
func (m *Meter) Disconnected(api, connectionID string, at time.Time) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	c := entry(m.connections, api)
	if ended := c.open[connectionID]; ended != nil {
		c.minutes += ended.minutes(at)
		delete(c.open, connectionID)
	}
}

// minutes returns the minutes started until a time and not counted before.
func (c *connection) minutes(at time.Time) int64 {
	begun := max(1, int64((at.Sub(c.since)+time.Minute-1)/time.Minute))
	return begun - c.counted
}

// total returns the usage of the API's connections at a time.
func (c *connections) total(at time.Time) int64 {
	minutes := c.minutes
	for _, open := range c.open {
		minutes += open.minutes(at)
	}
	return minutes
}

func (c *connections) reset(at time.Time) {
	c.opened, c.minutes = 0, 0
	for _, open := range c.open {
		open.counted += open.minutes(at)
	}
}
