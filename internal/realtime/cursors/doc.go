// Package cursors shows where users point. A move of a cursor is posted once to the
// other members of the room, or queued for each shard of a larger one. Nothing is
// stored and nothing is retried: the next move makes up for one that was lost. What
// moves read is cached for two seconds.
package cursors
