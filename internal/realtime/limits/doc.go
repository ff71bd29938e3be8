// Package limits decides how much users and connections may do: how many
// messages a second a user may send, and how many connections or members there
// may be for an address, a user or a room. Rates are token buckets ([Meter]),
// quotas are numbered slots ([Quotas]). What is over a limit gets an error that
// says when to try again or what to close.
package limits
