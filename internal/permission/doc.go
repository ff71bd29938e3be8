// Package permission says what a user may do: which rooms to join, to send to
// and to read the history of, and which users to notify. A token claims it, a
// connection's item stores it, and every route checks it.
package permission
