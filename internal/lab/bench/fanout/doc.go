// Package fanout measures how fast a message reaches every member of a room,
// and beside it, in the same run, how fast the same posts can be made at all:
// by raw requests on kept-alive sockets, and by the SDK's client.
//
// Rooms past the sockets of one machine are measured with a counting server
// in place of their connections: a process of its own that takes posts as
// API Gateway does, answers each after a fixed time and counts them.
package fanout
