// Package gateway emulates an API Gateway WebSocket API and its @connections
// API on top of net/http. It speaks the client's side (the handshake, frames,
// close codes, quotas) and the backend's side (the events a Lambda function
// gets, the commands it sends back), and knows nothing of how a function runs:
// a route's target is an Invoker.
//
// # A connection's life
//
// $connect is decided before the upgrade: its integration runs while the
// handshake is pending, and whatever it refuses is answered with an HTTP
// status. Only then does the connection id become known to @connections;
// before, a POST to it answers 410, as on AWS. Every complete text message
// selects a route and runs its integration in a goroutine of its own, so
// messages of one connection may overtake each other, as on AWS; at most
// maxInFlight of them run at a time, then the socket is not read until one has
// ended. $disconnect runs once the socket is closed. It does not wait for
// messages that are still being processed: AWS promises no order between the
// two, so a function must not rely on one here either.
//
// # Who may do what
//
// A handshake passes throttling, then IAM or the Lambda authorizer of $connect,
// then the integration; what the authorizer returned comes with every later
// event of the connection. An @connections request is authorized by the
// configuration's Authorize, before it is throttled and before anything is said
// about the connection. Faults are injected last, so that they befall what AWS
// would have let through.
//
// # Fidelity
//
// docs/reference/fidelity.md has a row for each behaviour: what AWS documents, what we
// chose where it is silent, and the test that holds the gateway to it.
//
// # Memory
//
// An idle connection costs one goroutine, a read buffer of readBuffer bytes and
// its entry in a map: nothing of the HTTP request outlives the upgrade, frames
// are written by a goroutine that lives only while there are any, and one
// sweeper enforces the time limits of all connections.
package gateway
