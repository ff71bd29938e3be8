// Package authorizer verifies the tokens of a stack: whether a client may
// connect, as the authorizer of $connect, and whether a connection may
// continue, as the route refresh. Package authorize and Roomcast's own
// authorizer share it.
package authorizer
