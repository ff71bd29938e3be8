// Package messages sends messages to rooms and reads the history of a room. A
// message is appended to the room's log and then delivered to the members. The
// answer to the sender means that it is in the log, and that every member was posted
// to or is named in a job of the queue.
package messages
