// Package stacks holds Roomcast's constructs composed into a stack that can be
// deployed as it is.
package stacks
