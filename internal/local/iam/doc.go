// Package iam evaluates identity policies as AWS's Identity and Access Management
// does: everything is denied unless allowed, and a Deny outweighs any number of
// Allows.
//
// It supports Action, NotAction, Resource, NotResource and Condition, with
// wildcards and policy variables. An unknown condition operator counts against the
// caller: an Allow with it does not match, a Deny with it does. Policy.Unknown
// returns such operators. The package has no state: a Policy knows only what the
// Request contains.
package iam
