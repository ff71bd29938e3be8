// Package chaos holds Roomcast to its promise in the spirit of Jepsen: many
// clients join, leave, send, drop and come back while the local cloud injects
// faults, what everybody saw is recorded, and afterwards the record is checked.
//
// What happens is decided by a [Schedule], which is a pure function of a seed.
// When it happens is not: two runs of a seed take the same decisions and meet
// the faults at other moments. [Run] carries a schedule out and returns the
// [History]; [Check] finds what breaks the promise in it, and looks at nothing
// else.
package chaos
