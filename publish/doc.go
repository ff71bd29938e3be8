// Package publish sends messages to rooms and notifications to users from a
// backend: a Lambda function, a container or any other program with AWS
// credentials.
//
// In a CDK app, one call gives a Lambda function the permissions and the
// environment variables that it needs:
//
//	chat.AddPublisher(fn)
//
// For other programs, ChatApi.GrantPublish grants the permissions to a role and
// ChatApi.PublishEnvironment has the variables. Make one [Publisher] for the
// whole process, in Lambda outside of the handler:
//
//	publisher, err := publish.FromEnv(ctx)
//
// What it sends is stored and delivered like what clients send. A message is in
// the log of its room before it is delivered, so a member who misses it reads it
// from the log. A notification stays in the inboxes of its users until they
// acknowledge it. Connections that cannot be reached are retried for minutes.
//
// A Lambda function is invoked again after an error, and queues deliver some
// messages twice. Set an IdempotencyKey, so that nothing is sent twice.
package publish
