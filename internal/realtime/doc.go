// Package realtime is what Roomcast does: connections, rooms, their logs,
// delivery and notifications. It knows frames (internal/protocol), but neither
// AWS nor Lambda: what it needs from outside it asks of four interfaces,
// [Connections], [Log], [Poster] and [Queue]. The packages internal/dynamo,
// internal/apigateway and internal/queue implement them on AWS,
// internal/realtime/realtimetest in memory.
//
// # Why a message is not missed
//
// A join first stores the membership and then reads the room's head; a send
// first appends to the log and then reads the members; both read strongly. So
// whichever comes first, a member gets a message live, or learns at its join
// that there is one.
package realtime
