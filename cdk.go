// Package main is the CDK app of this repository: one stack with all of
// Roomcast. The CDK CLI runs it as cdk.json says; run by itself it leaves the
// same cloud assembly in cdk.out.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcastcdk"
	"github.com/roomcast/roomcast/stacks"
)

func main() {
	defer jsii.Close()
	context, err := fileContext("cdk.json")
	if err != nil {
		panic(err)
	}
	newApp(context, outdir()).Synth(nil)
}

// newApp defines the app. The context that the CDK CLI passes replaces values of
// context.
func newApp(context map[string]any, outdir string) awscdk.App {
	app := awscdk.NewApp(&awscdk.AppProps{
		Context: &context,
		Outdir:  jsii.String(outdir),
		// Left out, this would depend on who runs the app.
		AnalyticsReporting: jsii.Bool(false),
	})
	props := stacks.RealtimeStackProps{
		StackProps: awscdk.StackProps{
			Description: jsii.String("Roomcast: chat rooms, notifications and cursors over WebSockets"),
		},
	}
	if wantsOpenAuth(app) {
		props.Chat = &roomcastcdk.ChatApiProps{Auth: roomcastcdk.OpenAuth()}
	}
	stacks.NewRealtimeStack(app, jsii.String("RealtimeStack"), &props)
	return app
}

// wantsOpenAuth reports whether the app's context asks for an API that anybody
// may connect to, as `roomcast up --open` does. Any value but "open" is an error:
// a mistake must neither open a stack nor seem to have opened one.
func wantsOpenAuth(app awscdk.App) bool {
	switch value := app.Node().TryGetContext(jsii.String(settings.ContextAuth)); value {
	case nil:
		return false
	case "open":
		return true
	default:
		panic(fmt.Errorf(`invalid context value %s %#v: expected "open", which lets anybody connect under any userId; leave it out to require tokens`, settings.ContextAuth, value))
	}
}

// outdir is where the CDK CLI wants the cloud assembly, or else cdk.out.
func outdir() string {
	if dir := os.Getenv("CDK_OUTDIR"); dir != "" {
		return dir
	}
	return "cdk.out"
}

// fileContext returns the context that a cdk.json asks for, and what the CDK
// CLI adds to it, so that the app gives the same template without the CLI. A
// file that does not exist asks for nothing.
func fileContext(path string) (map[string]any, error) {
	var file struct {
		Context map[string]any `json:"context"`
	}
	content, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the app's context: %w", err)
	}
	if err == nil {
		if err := json.Unmarshal(content, &file); err != nil {
			return nil, fmt.Errorf("read the app's context from %s: %w", path, err)
		}
	}
	if file.Context == nil {
		file.Context = map[string]any{}
	}
	for _, key := range []string{"aws:cdk:enable-path-metadata", "aws:cdk:enable-asset-metadata"} {
		file.Context[key] = true
	}
	return file.Context, nil
}
