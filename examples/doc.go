// Package examples holds no code but a test: that another CDK app, the one in
// the folder importing, can import Roomcast's constructs as a released module,
// from the read-only module cache, and gets functions that run.
package examples
