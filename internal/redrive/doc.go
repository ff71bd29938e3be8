// Package redrive takes up the broadcast jobs that failed for good: it says of
// each job in the dead-letter queue to whom its frame is still owed, and queues
// it again for just those.
package redrive
