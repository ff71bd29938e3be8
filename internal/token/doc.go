// Package token checks the JSON web tokens that clients connect with, and makes
// those that are signed with a shared secret. What it refuses it refuses with a
// [Reason], which never repeats anything of the token.
package token
