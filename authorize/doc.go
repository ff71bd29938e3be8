// Package authorize decides in a Go function of your own what a user may do,
// instead of by a claim of the token:
//
//	func main() { authorize.Start(decide) }
//
// A stack asks the function twice: as the authorizer of $connect, and when a
// connection sends a newer token. The package checks the token (signature,
// times, issuer, audience, user), so the function sees only users whose token
// is good, and says what they may do. The connection keeps the answer until it
// refreshes: a right that is taken from a user ends with the token. Short
// tokens make that soon.
//
// constructs.JwtAuthorizer gives the function its environment and its
// permissions; docs/guide/authentication.md says how.
package authorize
