package roomcasttest

import "github.com/roomcast/roomcast/internal/local/usage"

// Usage is what a stack would have been billed for, in AWS's units: WebSocket
// messages and connection minutes, Lambda requests and GB-seconds, DynamoDB
// read and write units, SQS requests and log bytes, each in total and by route,
// function, table and queue. docs/reference/usage.md has every field.
type Usage = usage.Snapshot

// Usage returns what the stack has used since it was ready, or since
// ResetUsage. What a test reads and writes itself, with Items and the like, is
// not in it.
func (s *Stack) Usage() Usage { return s.cloud.Usage() }

// ResetUsage sets the usage to zero.
func (s *Stack) ResetUsage() { s.cloud.ResetUsage() }
