// Package queue puts broadcast jobs into an SQS FIFO queue, says when those
// that failed come back, and takes those that failed too often out of the dead
// letter queue. It implements the queue of package realtime.
package queue
