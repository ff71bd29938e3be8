// Package chaos tests Roomcast's promises in the spirit of Jepsen: many clients
// join, leave, send, drop and come back while the local cloud injects faults. The
// run records what each client and the gateway saw, and checks the record.
//
// A [Schedule] decides what happens; it is a pure function of a seed. It does not
// decide when: two runs of a seed meet the faults at different moments. [Run]
// carries a schedule out and returns the [History]. [Check] finds the violations
// in a history, and reads nothing else.
package chaos
