// Package roomlog keeps the messages of a room in order. It gives each message
// a seq and stores it there exactly once, however often it is sent, and it reads
// messages back: what a client missed, or the history of a room. It resolves
// gaps, so that a seq a client has been given a position above never gets a
// message later.
//
// It needs two stores, [Log] and [sends.Store], and knows nothing of members.
package roomlog
