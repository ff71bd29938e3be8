// Package protocol is the wire format: the frames that a client sends and
// receives, their limits and the error codes. It depends on nothing, so that
// every Go program that speaks the protocol can use it.
// docs/reference/protocol.md describes it; tests compare the two.
//
// Decoding a client's frame also checks it: what a Decode function returns
// without an error keeps every limit.
package protocol

//go:generate go run ./codegen ../..
