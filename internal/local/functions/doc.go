// Package functions runs Lambda functions of runtime provided.al2023: the real
// bootstrap, through the Lambda Runtime API.
//
// A [Function] has sandboxes. Each is a process with a Runtime API of its own
// on a free port of 127.0.0.1, and works on one invocation at a time. An
// invocation goes to the sandbox that was used last among the idle ones; if
// none is idle, one more is started, up to the function's limit. Above it
// invocations wait, where AWS would throttle.
//
// As on AWS a sandbox lives on after a handler's error, is killed when an
// invocation takes longer than the timeout, and reports a crash in the words
// that AWS uses. Its environment is what Lambda has and nothing of the host's.
// Unlike on AWS a sandbox is not frozen between invocations, its memory is not
// limited, and it lives as long as the function.
package functions
