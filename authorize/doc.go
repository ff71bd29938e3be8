// Package authorize lets a Go function of yours decide what a user may do,
// instead of a claim in the user's token:
//
//	func main() { authorize.Start(decide) }
//
// The function is called for each handshake, and for each newer token that a
// client sends over its connection. The package first verifies the token: its
// signature, times, issuer, audience and user. The function then returns the
// user's permissions, which apply until the next refresh. There is no way to
// revoke them earlier, so use tokens that expire soon.
//
// roomcastcdk.JwtAuthorizer gives the function its environment and its IAM
// permissions. docs/guide/authentication.md explains how to set it up.
package authorize
