// Package queues is the event source mapping between an SQS queue and a
// function: it receives batches, invokes the function with each, and deletes
// what the function has processed.
//
// A batch that fails, or those of its messages that the function reports in
// batchItemFailures, stay in the queue: they come again when their visibility
// timeout has passed, and the queue's redrive policy moves them to its
// dead-letter queue after enough receives.
//
// A function that is throttled is tried again for as long as the batch stays
// invisible. Faults deliver messages twice, or later than others.
//
// One long poll is open at a time; batches are processed beside each other,
// up to a limit. A FIFO queue gives nothing more of a group while messages of
// it are being processed, so the groups are what runs in parallel.
package queues
