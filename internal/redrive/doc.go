// Package redrive takes up the broadcast jobs that failed for good: it says of
// each job in the dead-letter queue which connections still have to get its frame, and queues
// it again for just those.
package redrive
