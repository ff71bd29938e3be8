package gateway

import "time"

// sweep closes the connections that have been idle or open for too long, until the
// gateway closes. One loop costs less than a timer for each connection.
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
					_, _ = c.shut(goingAway)
				}
			})
		}
	}
}

// sweepInterval returns how often to check for the shortest limit: at most a
// twentieth late, at most every 10 ms, and at least once a second.
func sweepInterval(limit time.Duration) time.Duration {
	return min(max(limit/20, 10*time.Millisecond), time.Second)
}
