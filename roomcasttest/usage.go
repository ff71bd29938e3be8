package roomcasttest

import "github.com/roomcast/roomcast/roomcasttest/usage"

// Usage returns what the stack would have been billed for since it was ready, or
// since ResetUsage: WebSocket messages and connection minutes, Lambda requests
// and GB-seconds, DynamoDB request units, SQS requests and log bytes. What a test
// reads and writes itself, with Items and the like, is not counted.
func (s *Stack) Usage() usage.Snapshot { return s.cloud.Usage() }

// ResetUsage sets all counts to zero.
func (s *Stack) ResetUsage() { s.cloud.ResetUsage() }
