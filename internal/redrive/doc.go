// Package redrive handles broadcast jobs that failed for the last time. It
// reports which connections are still pending for each job in the dead-letter
// queue, and queues the job again for those.
package redrive
