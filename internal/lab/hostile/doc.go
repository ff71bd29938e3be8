// Package hostile makes calls of the Go client with random arguments. Tests use it to
// check that no input breaks a client: texts of any size and encoding, ids,
// positions, and values that JSON cannot hold.
package hostile
