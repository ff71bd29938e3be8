// Package realtimetest puts the core together on stores in memory, with the pipeline
// that answers frames before it, for tests of several capabilities at once.
package realtimetest
