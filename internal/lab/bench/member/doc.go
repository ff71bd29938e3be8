// Package member holds members of rooms with real connections, as several
// workloads need them: one that sends, and a room of them that chats.
package member
