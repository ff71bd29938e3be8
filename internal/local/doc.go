// Package local runs a CDK app on this machine, from its cloud assembly. Each
// WebSocket API gets a port of its own. Lambda functions run with their real
// bootstraps. DynamoDB tables and SQS queues live in engines that run as child
// processes. Everything listens on 127.0.0.1 only.
//
// [Start] does all of it. The [Cloud] that it returns says where everything is, and
// [Cloud.Close] ends everything. Package plan decides what the templates mean; this
// package starts, serves, secures and stops what is in the plan. The packages below
// it do the work.
//
// Every call is made with credentials and is limited by the policies of the role
// behind them; access.go connects the credentials with the plan's roles.
package local
