// Package roomcastcdk has the CDK constructs of Roomcast: [ChatApi], the WebSocket
// API with its functions, and the parts that it is made of.
//
// A ChatApi creates each part that its props do not name:
//
//	chat := roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
//		Auth: roomcastcdk.NewJwtAuthorizer(stack, jsii.String("Auth"), nil),
//	})
//
// The AWS resources of a construct are exported fields: use them for what a prop
// does not offer.
//
// Grants have the shape of CDK's: they take any principal and return a Grant.
// Metrics take MetricOptions, and functions with names like
// [ChatApi_FromAttributes] import what exists.
//
// As everywhere in CDK, a constructor panics if a prop is invalid or if props
// contradict each other. The message names the prop and what to do. A value that is
// known at deployment only (a CDK token) is accepted unchecked where a prop does not
// say otherwise. Construct ids
// are part of the contract: changing one replaces resources.
//
// # How functions are built
//
// The functions are Go programs, compiled during synthesis. The context value
// roomcast:target says for what: "lambda" (the default) for AWS, "host" for this
// machine, as local runs need it, or "none" for tests that look only at the
// template. The rest of the template is the same.
package roomcastcdk
