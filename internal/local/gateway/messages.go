package gateway

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/internal/local/faults"
)

// process runs the route of a message, and answers the client where AWS does. The
// connection stays open in any case.
func (g *Gateway) process(c *connection, message []byte) {
	route, ok := g.selectRoute(message)
	e := g.messageEvent(c, route.Key, message)
	g.cfg.Meter.Message(g.cfg.APIID, route.Key, true, len(message))
	switch {
	case !ok:
		g.reply(c, "", notice("Forbidden", e))
		return
	case g.throttled(route):
		g.reply(c, "", notice("Too Many Requests", e))
		return
	case route.Target == nil:
		return
	}
	answer, err := g.invoke(route, e)
	if err == nil && route.ReturnResponse && len(answer.body) > maxMessage {
		err = fmt.Errorf("the response's body is larger than %d KB", maxMessage>>10)
	}
	if err != nil {
		g.logFailure(route, c, err)
		g.reply(c, "", notice("Internal server error", e))
		return
	}
	// The status code does not matter here: see docs/reference/fidelity.md.
	if route.ReturnResponse && answer.body != "" {
		g.reply(c, route.Function, answer.body)
	}
}

// selectRoute returns the route of a message: the route whose key the route
// selection expression yields, else $default. ok is false if the API has neither.
func (g *Gateway) selectRoute(message []byte) (route Route, ok bool) {
	key, isJSON := g.selection.key(message)
	if isJSON && key != routeConnect && key != routeDisconnect {
		if route, ok = g.cfg.Routes[key]; ok {
			return route, true
		}
	}
	route, ok = g.cfg.Routes[routeDefault]
	return route, ok
}

// disconnect runs $disconnect and ignores its result. A failure can only be logged,
// because the client has disconnected. AWS does not guarantee that it runs, so a
// fault can drop it.
func (g *Gateway) disconnect(c *connection, ended ending) {
	route := g.cfg.Routes[routeDisconnect]
	if route.Target == nil {
		return
	}
	fault := g.cfg.Faults.At(faults.Point{
		Service: service, Operation: routeDisconnect, Function: route.Function, Resource: c.id,
	})
	if fault.Drop || !faults.Sleep(g.ctx, fault.Latency) {
		return
	}
	if _, err := g.invoke(route, g.disconnectEvent(c, ended)); err != nil {
		g.logFailure(route, c, err)
	}
}

// reply sends a text of the gateway itself, or of the named function of a two-way
// route, to the client.
func (g *Gateway) reply(c *connection, function, text string) {
	g.observe(Observation{Event: Answered, Connection: c.id, Frame: []byte(text)})
	err := c.send([]byte(text))
	if err == nil {
		c.touch()
		g.cfg.Meter.Message(g.cfg.APIID, function, false, len(text))
		return
	}
	if !errors.Is(err, errGone) {
		g.cfg.Logger.Warn("reply dropped", "connection", c.id, "error", err)
	}
}

// notice is a message of API Gateway, in its own spelling.
func notice(message string, e event) string {
	return fmt.Sprintf(`{"message": %s, "connectionId":%s, "requestId":%s}`,
		quote(message), quote(e.RequestContext.ConnectionID), quote(e.RequestContext.RequestID))
}

// quote returns a string as JSON.
func quote(text string) []byte {
	quoted, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings always marshal
	}
	return quoted
}

// logFailure logs a failed integration, unless it ended because the gateway closed.
func (g *Gateway) logFailure(route Route, c *connection, err error) {
	if g.ctx.Err() == nil {
		g.cfg.Logger.Warn("integration failed", "route", route.Key, "connection", c.id, "error", err)
	}
}
