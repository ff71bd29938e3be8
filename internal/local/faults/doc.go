// Package faults decides, for every call that passes through the local cloud,
// whether something goes wrong with it.
//
// A Rule says which calls it concerns, which of those it applies to, and what
// goes wrong. An Injector holds the rules of a run: the parts of the local
// cloud ask it at every Point, and do what the Fault says that they get.
// Chance is seeded, so that a run can be had again.
package faults
