// Package childproc runs child processes that never outlive this one and
// hands their output over line by line.
//
// A local run consists of many: the CDK app, npm, the engines, the functions.
// Whatever ends the run, Ctrl-C, a crash or kill -9, must leave none of them
// behind, and neither any process that they have started.
package childproc
