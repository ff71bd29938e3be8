// Package outputs reads where a stack is: from the file that
// `cdk deploy --outputs-file` writes, or from the line that
// `roomcast up --json` prints; and how to reach AWS there.
package outputs
