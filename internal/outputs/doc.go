// Package outputs reads where a stack is and how to reach AWS there: from the
// file that `cdk deploy --outputs-file` writes, or from the line that `roomcast
// up --json` prints.
package outputs
