// Package skew starts programs with a wrong clock.
//
// A program on Linux asks the vDSO for the time, a library that the kernel maps
// into every process. Start replaces its functions in one process, before the first
// instruction of the program, with functions that add the error. So the deployed
// program runs unchanged, in any language, and all of it sees the same time,
// including its AWS SDK and its token checks. Only the monotonic clock is right, as
// on a machine with a wrong clock.
package skew
