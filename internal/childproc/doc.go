// Package childproc runs child processes that never outlive this one, and passes
// their output on line by line.
//
// A local run has many: the CDK app, npm, the engines, the functions. However the
// run ends, by Ctrl-C, a crash or kill -9, none of them may stay, and none of the
// processes that they started.
package childproc
