// Package hostile makes calls of the Go client with random arguments, for tests
// which hold that no input breaks a client: text of any size and encoding, names,
// positions, and values that JSON cannot hold.
package hostile
