// Package local runs a CDK app on this machine: it reads the app's cloud
// assembly, resolves its templates as CloudFormation would, and starts what they
// define, each WebSocket API on a port of its own, the Lambda functions with
// their real bootstraps, DynamoDB tables and SQS queues in engines that run as
// child processes.
//
// Start does it all; the Cloud that it returns tells where things are and ends
// them again. Everything listens on 127.0.0.1 only. Package local holds the
// plan (what the templates come to) and the wiring; the parts that do the work
// are the packages below it.
//
// A resource that does not run is either accepted, when a stack works without
// it (alarms, dashboards), and listed by Cloud.Describe, or refused by Start
// with a sentence that says what to do.
//
// Every call is made with credentials, and may do what the role behind them
// allows in the template: access.go joins them to the plan's roles, and
// enforce.go asks what AWS asks when it deploys.
package local
