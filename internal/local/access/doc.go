// Package access decides who calls and what they may do: the one place of the
// local cloud that knows credentials and roles.
//
// The endpoint and the gateways hand every signed request to
// Keys.Authenticate, which checks the signature and returns the Caller; what
// the request needs they ask with Caller.May. Refusals carry AWS's error codes
// and words. A Keys that is Off still tells callers apart, by their access
// keys, and lets everybody do everything.
package access
