package gateway

import "time"

// sweep closes the connections that have been idle, or open, for too long,
// until the gateway closes. One loop over all connections costs less than a
// timer each.
func (g *Gateway) sweep() {
	ticker := time.NewTicker(sweepInterval(min(g.cfg.IdleTimeout, g.cfg.MaxAge)))
	defer ticker.Stop()
	for {
		select {
		case <-g.ctx.Done():
			return
		case now := <-ticker.C:
			g.conns.each(func(c *connection) {
				idle := now.Sub(time.UnixMilli(c.lastActive.Load()))
				if idle >= g.cfg.IdleTimeout || now.Sub(c.connectedAt) >= g.cfg.MaxAge {
					c.shut(goingAway)
				}
			})
		}
	}
}

// sweepInterval is how often to look when the shortest limit is as given: often
// enough to be at most a twentieth late, at most once in 10 ms, and at least
// once a second.
func sweepInterval(limit time.Duration) time.Duration {
	return min(max(limit/20, 10*time.Millisecond), time.Second)
}
