// Package session begins, renews and ends connections. A handshake stores a
// connection with the identity that its token proved. A refresh gives it a newer
// identity, and removes it from rooms that this one does not permit. A disconnect
// removes it, and a sweep every minute closes the connections whose token has
// expired.
package session
