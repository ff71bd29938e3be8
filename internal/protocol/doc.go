// Package protocol is the wire format: the frames that a client sends and
// gets, their limits and the codes of errors. It is pure, so that whatever
// speaks the protocol in Go can use it, and docs/reference/protocol.md describes it in
// words; a test holds the two together.
//
// Decoding a frame from a client also checks it: what a Decode function
// returns without an error keeps every limit.
package protocol

//go:generate go run ./codegen ../..
