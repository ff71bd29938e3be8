// Package faults decides for every call in the local cloud whether a fault is
// injected.
//
// A Rule says which calls it matches, when it applies, and which fault it injects.
// An Injector has the rules of a run. The parts of the local cloud call it at every
// Point and apply the returned Fault. Random decisions are seeded, so that a run
// can be repeated.
package faults
