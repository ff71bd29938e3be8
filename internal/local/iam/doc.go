// Package iam evaluates identity policies as AWS's Identity and Access
// Management does: what is not allowed is refused, and one Deny outweighs any
// number of Allows.
//
// It reads Action, NotAction, Resource, NotResource and Condition, with
// wildcards and policy variables. A condition operator that it does not know
// counts against the caller: an Allow with it does not match, a Deny with it
// does. Policy.Unknown names such operators. Everything is pure: a Policy knows
// nothing of accounts, services or time but what a Request tells.
package iam
