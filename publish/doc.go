// Package publish sends messages to rooms and notifications to users from a
// program of your own: a Lambda function, or any service with AWS credentials.
//
// A Lambda function in the CDK app gets what it needs by one call,
//
//	chat.AddPublisher(fn)
//
// which gives it both the permissions and the environment variables, and takes
// it up once, outside of its handler:
//
//	publisher, err := publish.FromEnv(ctx)
//
// What it sends takes the same way as what clients send. A message to a room is
// in the room's log before it is delivered, and its seq counts on; whoever
// misses it gets it from the log. A notification waits in its users' inboxes
// until it is acknowledged. A connection that cannot be reached at once is
// named in a job of the queue, which tries again for minutes.
//
// A Lambda function that is invoked again after an error should give what it
// sends a Key, so that it is not sent twice.
package publish
