// Package usage counts what a run would be billed for, in AWS's units: no
// prices, and no rounding but that of the units themselves.
//
// The parts of the local cloud tell a Meter of each thing as it happens; its
// Snapshot is the bill of materials so far.
package usage
