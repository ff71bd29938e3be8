// Package skew starts programs whose clock is wrong.
//
// A program on Linux asks the vDSO for the time, a library that the kernel maps
// into every process. Start replaces its functions in the one process, before
// the first instruction of that runs, by some that add the error. So the
// program itself is the one that is deployed: nothing in it has to know of a
// wrong clock, whatever language it is written in, and all of it sees the same
// time, its AWS SDK and the check of tokens too. Only what counts elapsed time,
// the monotonic clock, is right, as it is on a machine whose clock is wrong.
package skew
