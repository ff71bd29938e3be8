// Package queue puts broadcast jobs into an SQS FIFO queue. It implements the
// queue of package realtime.
package queue
