package roomcastcdk

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/gobuild"
	"github.com/roomcast/roomcast/internal/settings"
)

// builders are what compiles functions. Tests replace them by a folder that is
// there already: they are about templates, and a build takes seconds.
var builders = struct {
	handlers func(gobuild.Target) (string, error)
	program  func(entry string, target gobuild.Target) (string, error)
}{gobuild.Handlers, gobuild.Program}

// targetOf returns what the functions below scope are built for, which the
// app's context decides.
func targetOf(scope constructs.Construct, architecture awslambda.Architecture) gobuild.Target {
	switch value := scope.Node().TryGetContext(jsii.String(settings.ContextTarget)); value {
	case nil, "lambda":
		if *architecture.Name() == *awslambda.Architecture_X86_64().Name() {
			return gobuild.Lambda("amd64")
		}
		return gobuild.Lambda("arm64")
	case "host":
		return gobuild.Host()
	default:
		panic(fmt.Errorf("roomcastcdk: invalid context value %s %q: expected \"lambda\", \"host\" or \"none\"", settings.ContextTarget, value))
	}
}

// built returns what build makes for the functions below scope, as an asset. If
// the app's context asks for no program, for tests that look at the template
// only, a program takes its place that just says so.
func built(scope constructs.Construct, architecture awslambda.Architecture, build func(gobuild.Target) (string, error)) (awslambda.Code, error) {
	if scope.Node().TryGetContext(jsii.String(settings.ContextTarget)) == "none" {
		awscdk.Annotations_Of(scope).AddWarningV2(jsii.String("roomcast:unbuilt"),
			jsii.String("functions are not built, because the context has "+settings.ContextTarget+"=none: do not deploy this template"))
		dir, err := gobuild.Placeholder()
		if err != nil {
			return nil, err
		}
		return awslambda.Code_FromAsset(&dir, nil), nil
	}
	dir, err := build(targetOf(scope, architecture))
	if err != nil {
		return nil, err
	}
	return awslambda.Code_FromAsset(&dir, nil), nil
}

// handlersCode returns the one program of all of Roomcast's own functions:
// given, or else built from this module's source for an architecture.
func handlersCode(scope constructs.Construct, given awslambda.Code, architecture awslambda.Architecture) awslambda.Code {
	if given != nil {
		return given
	}
	code, err := built(scope, architecture, builders.handlers)
	if err != nil {
		panic(fmt.Errorf("roomcastcdk: %s: %w", *scope.Node().Path(), err))
	}
	return code
}
