// Package roomcastcdk holds the CDK constructs of Roomcast: [ChatApi], the
// WebSocket API with its functions, and the parts it is made of.
//
// A ChatApi makes whatever it is not given, so the shortest use is
//
//	chat := roomcastcdk.NewChatApi(stack, jsii.String("Chat"), &roomcastcdk.ChatApiProps{
//		Auth: roomcastcdk.NewJwtAuthorizer(stack, jsii.String("Auth"), nil),
//	})
//
// The AWS resources of a construct are its exported fields: use them for what a
// prop does not offer.
//
// As everywhere in CDK, a constructor panics when its props contradict each
// other or a value is out of range; the message says which and what to do.
// Construct ids are part of the contract: renaming one replaces resources.
//
// # How functions are built
//
// The functions are Go programs, compiled during synthesis. The context value
// roomcast:target says for what: "lambda" (the default) for AWS, "host" for
// this machine, which is what a local run wants. Everything else in the
// template stays the same.
package roomcastcdk
