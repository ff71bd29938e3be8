// Package access authenticates callers and decides what they may do. Only this
// package of the local cloud has credentials and roles.
//
// The endpoint and the gateways pass every signed request to Keys.Authenticate,
// which checks the signature and returns the Caller. They check the permissions of
// the request with Caller.May. Denials have AWS's error codes and messages. With
// Options.Off, callers are still identified by their access keys, but every call is
// allowed.
package access
