// Package realtimetest helps to test what package realtime is made of: a
// [Memory] that keeps what it stores, a [Poster] and a [Queue] that note
// what they are given, and [TestStore], which every store has to pass.
package realtimetest
