// Package door measures what it costs to hold clients to who they are and to
// what they may do: handshakes with a token beside those of an open stack, the
// units of messages with and without limits, and whether somebody who floods a
// stack slows the others.
package auth
