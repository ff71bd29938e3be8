// Package plan says what a CDK app's cloud assembly means: which tables, queues,
// functions, APIs, routes, roles, rules and secrets it defines, and how they refer
// to each other. Package local runs a plan.
//
// [New] resolves the templates as CloudFormation would, each resource after those
// that it refers to, and then links what refers to each other by ids only. It
// starts nothing, opens no port and calls no process.
//
// A resource that does not run is either accepted or refused. It is accepted if a
// stack works without it, such as an alarm, and then listed by [Plan.Notes].
// Otherwise New returns an error that names the resource and says what to do.
// catalog.go has the lists.
package plan
