// Command importing is a CDK app of its own that uses Roomcast's constructs:
// a chat with one more action, shout, served by a Go Lambda of this module.
package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	NewShoutStack(app, jsii.String("ShoutStack"))
	app.Synth(nil)
}
