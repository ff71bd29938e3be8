// Package authorizer is the function that a stack asks about tokens: whether a
// client may connect, as the authorizer of $connect, and whether a connection
// may go on, as the route refresh. Package authorize and Roomcast's own
// authorizer share it.
package authorizer
