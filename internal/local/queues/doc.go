// Package queues implements the event source mapping between an SQS queue and a
// function. It receives batches, invokes the function with each, and deletes what
// the function has processed.
//
// A failed batch, or its messages that the function reports in batchItemFailures,
// stay in the queue. They return after their visibility timeout, and after enough
// receives the queue's redrive policy moves them to its dead-letter queue.
//
// A throttled function is retried for as long as the batch is invisible. Faults can
// deliver messages twice or late.
//
// One long poll is open at a time. Batches are processed concurrently, up to a
// limit. A FIFO queue returns no messages of a group while earlier ones of it are
// in progress, so only different groups run concurrently.
package queues
