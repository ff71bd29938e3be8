// Package bench holds the workloads of `roomcast-lab bench`. Each one drives a
// running stack through real sockets and returns figures; none of them judges.
package bench
