// Package roomcasttest runs a CDK app's template inside `go test`: the
// WebSocket API, the functions with their real bootstrap, DynamoDB and SQS,
// all on this machine, and hands out clients that talk to it over real
// sockets.
//
//	func TestMain(m *testing.M) {
//		assembly, remove, err := roomcasttest.Synth(".")
//		…
//	}
//
//	func TestChat(t *testing.T) {
//		stack := roomcasttest.Run(t, assembly)
//		ada := stack.Connect(t, "userId", "ada", "roomId", "lobby")
//		ada.Send(map[string]any{"action": "sendMessage", "message": "hello", "clientId": "1"})
//		ada.Await("ack")
//	}
//
// It needs Node.js 20 or newer on the PATH, for the DynamoDB and SQS engines.
package roomcasttest
