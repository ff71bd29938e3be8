// Package realtime puts the capabilities of the core together. Each is a package of
// its own beside this file, with the ports it needs and an in-memory fake for tests:
//
//   - roomlog keeps the messages of a room in order, and reads them back;
//   - members keeps who is connected and who is in which room;
//   - delivery brings frames to connections, directly or by a queue;
//   - messages sends to rooms, and reads their history;
//   - inbox notifies users, and keeps notifications until they are acknowledged;
//   - session begins, renews and ends connections;
//   - cursors shows where users point;
//   - limits decides how much users and connections may do.
//
// None of them knows AWS or Lambda. The packages internal/dynamo, internal/apigateway
// and internal/queue implement their ports on AWS.
package realtime
