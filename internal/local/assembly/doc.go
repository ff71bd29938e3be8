// Package assembly reads a CDK cloud assembly: the folder (cdk.out) that
// `cdk synth` leaves behind, with its stacks, their templates and their assets.
//
// It reads any app's assembly and knows nothing of what the templates hold;
// package template resolves those.
package assembly
