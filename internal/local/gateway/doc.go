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
// # Where AWS's documentation is silent
//
//   - Neither pings nor pongs count as activity for the idle timeout; a message
//     in either direction does.
//   - A response body of a two-way route is sent whatever its statusCode: AWS
//     says that a proxy integration's output is passed on as the whole payload.
//     Nothing is sent for an empty body; there is one report of AWS sending an
//     empty message then.
//   - A message whose action names $connect or $disconnect goes to $default.
//   - The close reason and the disconnectReason of a connection deleted by
//     @connections (1000, "Connection Closed Normally"), of an idle one (1001,
//     "Going away") and of one closed without a status (1005) are as seen in
//     published events; those of 1002, 1003, 1006, 1007 and 1009 are ours.
//   - What is no handshake gets 426, one with a URL over 4096 characters 414,
//     and every other path 403.
//   - A post that is not UTF-8 reaches the client with U+FFFD for what is not.
//   - The size of the write buffer that answers 429 when full is ours.
//
// # Memory
//
// An idle connection costs one goroutine, a read buffer of readBuffer bytes and
// its entry in a map: nothing of the HTTP request outlives the upgrade, frames
// are written by a goroutine that lives only while there are any, and one
// sweeper enforces the time limits of all connections.
package gateway
