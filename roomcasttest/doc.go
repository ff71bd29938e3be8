// Package roomcasttest runs a CDK app's template inside `go test`: WebSocket
// APIs, Lambda functions with their real programs, IAM policies, DynamoDB and
// SQS, all on this machine. Tests talk to it over real sockets.
//
//	func TestChat(t *testing.T) {
//		stack := roomcasttest.Run(t, "..") // the folder of cdk.json, or a cdk.out
//		ada := stack.MustDial(t, roomcasttest.WithUser("ada"), roomcasttest.WithRoom("lobby"))
//		ada.Send(map[string]any{"action": "sendMessage", "message": "hello", "clientId": "1"})
//		ada.Await("ack")
//	}
//
// Each [Run] starts a stack of its own, so tests can run in parallel. A test can
// look into the stack: the items of tables ([Stack.Items]), the depth of queues
// ([Stack.Depth]), what functions logged ([Stack.Logs]), and what AWS would have
// billed ([Stack.Usage]). [Stack.Inject] makes calls fail.
//
// It needs Node.js 22.13 or newer on the PATH, for the DynamoDB and SQS engines.
// docs/guide/testing.md explains step by step how to test an app.
package roomcasttest
