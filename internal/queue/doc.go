// Package queue implements the queues of the core on SQS FIFO queues. It also says when
// failed jobs come back, and reads the dead-letter queue.
package queue
