package roomcastclient

import "time"

// SetClock replaces the client's wall clock.
func (o *Options) SetClock(now func() time.Time) { o.now = now }
