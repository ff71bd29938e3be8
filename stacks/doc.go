// Package stacks has [RealtimeStack], a complete stack of Roomcast's constructs that
// can be deployed as it is:
//
//	stacks.NewRealtimeStack(app, jsii.String("RealtimeStack"), nil)
//
// To add Roomcast to a stack of your own, use package roomcastcdk.
package stacks
