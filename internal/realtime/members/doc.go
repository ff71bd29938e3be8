// Package members keeps who is connected and who is in which room. Connections
// join and leave rooms, say that they are still there, and ask who else is. A
// large room is split into shards, and this package decides when.
//
// # Why a message is not missed
//
// A join first stores the membership and then reads the room's head. A send first
// appends to the log and then reads the members. Both read strongly. So whichever
// comes first, a member gets a message live, or learns at its join that there is
// one.
package members
