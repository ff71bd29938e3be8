package roomcastclient

import "time"

// SetClock gives the client another wall clock.
func (o *Options) SetClock(now func() time.Time) { o.now = now }
