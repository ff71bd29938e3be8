// Package auth measures what authentication and limits cost: handshakes with a
// token compared with those of an open stack, the units of messages with and
// without limits, and whether a client that floods a stack slows the others.
package auth
