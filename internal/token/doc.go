// Package token verifies the JSON web tokens that clients connect with, and
// makes those that are signed with a shared secret. It refuses a token with a
// [Reason], which never contains anything of the token.
package token
