// Package permission says what a user may do: which rooms to join, to send to
// and to read the history of, and which users to notify. It is what a token
// claims, what a connection's row keeps, and what every route checks.
package permission
