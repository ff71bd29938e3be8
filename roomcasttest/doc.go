// Package roomcasttest runs a CDK app's template inside `go test`: the
// WebSocket APIs, the functions with their real bootstrap, IAM, DynamoDB and
// SQS, all on this machine, and hands out clients that talk to it over real
// sockets.
//
//	func TestChat(t *testing.T) {
//		stack := roomcasttest.Run(t, "..") // the folder of cdk.json, or a cdk.out
//		ada := stack.Connect(t, "token", stack.Token(t, "ada"), "roomId", "lobby")
//		ada.Send(map[string]any{"action": "sendMessage", "message": "hello", "clientId": "1"})
//		ada.Await("ack")
//	}
//
// Every Run is a stack of its own, so tests can run in parallel. What happened
// in it is at hand: the contents of tables (Items), the depth of queues
// (Depth), what the functions printed (Logs) and what it would have been
// billed for (Usage). Inject makes calls fail.
//
// It needs Node.js 22.13 or newer on the PATH, for the DynamoDB and SQS engines.
// docs/guide/testing.md tells how to test an app with it, step by step.
package roomcasttest
