// Package assembly reads a CDK cloud assembly: the folder (cdk.out) that `cdk
// synth` writes, with its stacks, their templates and their assets.
//
// It reads any app's assembly and does not interpret the templates; package
// template resolves those.
package assembly
