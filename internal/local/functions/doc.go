// Package functions runs Lambda functions through the Lambda Runtime API:
// those of the runtimes provided by their real bootstrap, those of the
// runtimes nodejs by Node and the runtime client in folder node.
//
// A [Function] has sandboxes. Each is a process with a Runtime API of its own
// on a free port of 127.0.0.1, and works on one invocation at a time. An
// invocation goes to the sandbox that was used last among the idle ones; if
// none is idle, one more is started, up to the function's limit. Above a
// reserved concurrency invocations are throttled, as on AWS. Above the limit
// of a function that reserves none they wait, where AWS would start more.
//
// As on AWS a sandbox lives on after a handler's error, is killed when an
// invocation takes longer than the timeout, and reports a crash in the words
// that AWS uses. Its environment is what Lambda has and nothing of the host's.
// Unlike on AWS a sandbox is not frozen between invocations, unless a fault does
// that, its memory is not limited, and it lives as long as the function.
//
// What a function prints is handed on line by line. The lines that Lambda
// itself writes about each invocation (START, END, REPORT) are counted for the
// usage, because AWS bills them, but not shown.
package functions
