// Package usage meters what AWS would bill for a run, in AWS's units, without
// prices and with AWS's rounding only.
//
// The parts of the local cloud report to a Meter. Its Snapshot is the usage so far.
package usage
