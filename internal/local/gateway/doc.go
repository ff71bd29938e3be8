// Package gateway emulates an API Gateway WebSocket API and its @connections API on
// top of net/http. It implements the client side (the handshake, frames, close
// codes, quotas) and the backend side (events for Lambda functions, @connections
// commands). A route's target is an Invoker, so the package does not know how
// functions run.
//
// # Life of a connection
//
// $connect runs before the upgrade. Its integration runs while the handshake is
// pending, and a refusal is answered with an HTTP status. The connection ID is
// known to @connections only after that; a POST before answers 410, as on AWS.
//
// Each complete text message selects a route and runs its integration in a
// goroutine. So messages of one connection may overtake each other, as on AWS. At
// most maxInFlight run concurrently; after that the socket is not read until one
// has ended.
//
// $disconnect runs when the socket is closed. It does not wait for messages in
// progress. AWS guarantees no order between them, so functions must not rely on one
// here.
//
// # Authorization
//
// A handshake passes throttling, then IAM or the Lambda authorizer of $connect,
// then the integration. Every later event has the authorizer's result. An
// @connections request is authorized by the configured Authorize, before throttling
// and before anything about the connection is revealed. Faults are injected last,
// so they affect only requests that AWS would have accepted.
//
// # Fidelity
//
// docs/reference/fidelity.md has a row for each behaviour: what AWS documents, what
// we chose where it is silent, and the test for it.
//
// # Memory
//
// An idle connection costs one goroutine, a read buffer of readBuffer bytes and its
// entry in a map. Nothing of the HTTP request outlives the upgrade. A goroutine
// writes frames only while there are any, and one sweeper enforces the time limits
// of all connections.
package gateway
