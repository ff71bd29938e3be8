// Package polling measures what a WebSocket saves over HTTP polling: the same
// updates for the same users, once pushed through a stack and once fetched
// from a small endpoint that is asked for them again and again.
package polling
