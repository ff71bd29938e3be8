package roomcastcdk

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/roomcast/roomcast/internal/gobuild"
)

// GoFunctionProps configures a GoFunction.
type GoFunctionProps struct {
	// Entry is the function's main package: a folder relative to the current
	// directory, such as "./lambdas/shout", or an import path. It is built in the
	// module that it belongs to. Required.
	Entry *string

	// Environment has environment variables of the function, in addition to those
	// that Lambda and calls such as AddPublisher set.
	// Default: none.
	Environment *map[string]*string

	// Timeout is how long an invocation may take, from 1 second to 15 minutes, in
	// whole seconds. API Gateway waits for at most 29 seconds.
	// Default: 10 seconds.
	Timeout awscdk.Duration

	// MemorySize is the memory in MB, from 128 to 10240. Lambda allocates CPU in
	// proportion to it.
	// Default: 256.
	MemorySize *float64

	// Architecture is the processor that the function runs on.
	// Default: ARM_64.
	Architecture awslambda.Architecture

	// LogRetention is how long its logs are kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// FunctionDefaults configures what the props above leave out. Pass those of a
	// [ChatApi] to configure its functions and yours alike.
	// Default: the defaults of [FunctionDefaults].
	FunctionDefaults *FunctionDefaults
}

// GoFunction is a Lambda function in Go, with its own role and log group. It is
// compiled during synthesis, without Docker. Use it for the routes that you add to
// a [ChatApi].
type GoFunction struct {
	constructs.Construct

	// Function is the function, for AddRoute, AddPublisher and other calls.
	Function awslambda.Function
	// LogGroup is the function's log group. A new one is deleted with the stack,
	// unless the props say otherwise.
	LogGroup awslogs.ILogGroup
}

var _ constructs.Construct = (*GoFunction)(nil)

// NewGoFunction compiles a Go program and defines the function that runs it.
// It panics with the compiler's message if the program does not compile.
func NewGoFunction(scope constructs.Construct, id *string, props *GoFunctionProps) *GoFunction {
	var p GoFunctionProps
	if props != nil {
		p = *props
	}
	s := subject{"NewGoFunction", id}
	s.mustBePlaced(scope)
	f := &GoFunction{}
	made := p.settings()
	p.mustBeValid(s, made)

	constructs.NewConstruct_Override(f, scope, id)
	code, err := built(f, made.Architecture, func(target gobuild.Target) (string, error) { return builders.program(*p.Entry, target) })
	if err != nil {
		panic(fmt.Errorf("roomcastcdk: NewGoFunction %q: %w", *id, err))
	}
	f.Function, f.LogGroup = newFunction(f, functionSpec{
		FunctionDefaults: made,
		code:             code,
		handler:          "bootstrap",
		environment:      p.Environment,
	})
	return f
}

// settings returns the function's own props over FunctionDefaults.
func (p GoFunctionProps) settings() FunctionDefaults {
	own := FunctionDefaults{Timeout: p.Timeout, MemorySize: p.MemorySize, Architecture: p.Architecture, LogRetention: p.LogRetention}
	return own.over(p.FunctionDefaults.over(foreground()))
}

func (p GoFunctionProps) mustBeValid(s subject, settings FunctionDefaults) {
	if p.Entry == nil || *p.Entry == "" {
		s.fail("Entry is missing: name the folder or the import path of the function's main package")
	}
	if p.Environment != nil {
		for name, value := range *p.Environment {
			if value == nil {
				s.fail("invalid Environment: the value of %q is nil; pass a string, or leave the variable out", name)
			}
		}
	}
	p.FunctionDefaults.mustBeValid(s, "FunctionDefaults.")
	settings.mustBeValid(s, "")
}

// AddEnvironment sets an environment variable of the function. It panics if the name
// or the value is nil.
func (f *GoFunction) AddEnvironment(name, value *string) {
	if name == nil || value == nil {
		subject{"AddEnvironment", f.Node().Path()}.fail("the name or the value is missing: pass two strings")
	}
	f.Function.AddEnvironment(name, value, nil)
}
