// Package cli holds what the commands of this repository share: how a command
// starts and ends, and the flags by which it runs a CDK app's stack on this
// machine.
package cli
