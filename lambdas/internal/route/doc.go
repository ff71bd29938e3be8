// Package route is what the handlers of a WebSocket API's routes share: the
// event they get and the response they give.
package route
