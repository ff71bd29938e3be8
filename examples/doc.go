// Package examples holds no code but two tests: that another CDK app, the one in
// the folder importing, can import Roomcast's constructs as a released module,
// from the read-only module cache, and gets functions that run; and that a new
// module which follows README.md word for word runs, and its routes answer.
package examples
