package fanout

import (
	"bytes"
	"fmt"
)

// The connections that the counting server stands in for have ids of the form
// and the length of API Gateway's, with a number in it. The last character has
// to be escaped in a path, as it has to be in a real id.
const (
	idPrefix = "Bench"
	idDigits = 10
)

// connectionID returns the id of a member that the counting server stands in
// for, by its number from 0 on.
func connectionID(n int) string { return fmt.Sprintf("%s%0*d=", idPrefix, idDigits, n) }

// inPath is what precedes the number in the path of a post.
var inPath = []byte("connections/" + idPrefix)

// numberInPath returns the number of the member that a request's target names,
// or false for any other connection.
func numberInPath(target []byte) (int, bool) {
	_, digits, found := bytes.Cut(target, inPath)
	if !found || len(digits) < idDigits {
		return 0, false
	}
	n := 0
	for _, c := range digits[:idDigits] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
