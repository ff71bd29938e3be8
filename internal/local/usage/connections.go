package usage

import "time"

// connections are those of one API.
type connections struct {
	opened  int64
	minutes int64 // of those that have ended, less what was counted before the last reset
	open    map[string]*connection
}

// connection is one that is open.
type connection struct {
	since   time.Time
	counted int64 // minutes that were counted before the last reset
}

// Connected and Disconnected bound the minutes of one connection; minutes are
// billed as begun.
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

// Disconnected ends what Connected began. A connection that is not open is
// not counted.
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

// minutes are those begun until a time and not counted before.
func (c *connection) minutes(at time.Time) int64 {
	begun := max(1, int64((at.Sub(c.since)+time.Minute-1)/time.Minute))
	return begun - c.counted
}

// total is what the API's connections come to at a time.
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
