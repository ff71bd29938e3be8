// Package delivery brings frames to connections. A message goes directly to the
// members of a small room, and by jobs of a queue to the shards of a large one. A
// post that fails is tried again for a while, and then a job names the connections
// that still need it. A connection that turns out to be gone is forgotten. One bad
// connection never delays the others.
package delivery
