// Package functions runs Lambda functions through the Lambda Runtime API. Functions
// with a provided runtime run their real bootstrap; those with a nodejs runtime run
// Node with the runtime client in folder node.
//
// A [Function] has sandboxes. Each is a process with its own Runtime API on a free
// port of 127.0.0.1, and runs one invocation at a time. An invocation goes to the
// idle sandbox that was used last. If none is idle, another one is started, up to
// the function's limit. Invocations above a reserved concurrency are throttled, as
// on AWS. Above the limit of a function without one they wait, where AWS would
// start more.
//
// As on AWS, a sandbox survives a handler's error, is killed when an invocation
// times out, and reports a crash in AWS's words. Its environment has what Lambda
// has and nothing of the host's. Unlike on AWS, a sandbox is not frozen between
// invocations unless a fault does that, its memory is not limited, and it lives as
// long as the function.
//
// The output of a function is passed on line by line. Lambda's own lines about each
// invocation (START, END, REPORT) are metered, because AWS bills them, but not
// shown.
package functions
