package constructs

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// GoFunctionProps configures a GoFunction.
type GoFunctionProps struct {
	// Entry is the function's main package: a folder, seen from the current
	// directory, such as "lambdas/shout", or an import path. It is built in the
	// module it belongs to. Required.
	Entry *string

	// Environment is what the function finds in its environment.
	// Default: nothing but what AWS Lambda and grants put there.
	Environment *map[string]*string

	// Timeout is how long an invocation may take, from 1 second to 15 minutes.
	// API Gateway waits for 29 seconds at most.
	// Default: 10 seconds.
	Timeout awscdk.Duration

	// MemorySize is the function's memory in MB, from 128 to 10240; its share
	// of a processor grows with it.
	// Default: 256.
	MemorySize *float64

	// Architecture is the processor the function runs on.
	// Default: ARM_64.
	Architecture awslambda.Architecture

	// LogRetention is how long its logs are kept.
	// Default: one month.
	LogRetention awslogs.RetentionDays
}

// GoFunction is a Lambda function written in Go, compiled during synthesis
// without Docker, with a role and a log group of its own. It is meant for the
// functions that an app adds to a [ChatApi].
type GoFunction struct {
	constructs.Construct

	// Function is the function itself, for AddRoute, GrantPublish and others.
	Function awslambda.Function
	// LogGroup is where the function writes. It is deleted with the stack.
	LogGroup awslogs.LogGroup
}

var _ constructs.Construct = (*GoFunction)(nil)

// NewGoFunction compiles a Go program and defines the function that runs it.
// It panics with the compiler's message if the program does not compile.
func NewGoFunction(scope constructs.Construct, id *string, props *GoFunctionProps) *GoFunction {
	p := props.withDefaults()
	p.mustBeValid(subject{"NewGoFunction", id})

	f := &GoFunction{}
	constructs.NewConstruct_Override(f, scope, id)
	dir, err := builders.program(*p.Entry, targetOf(f, p.Architecture))
	if err != nil {
		panic(fmt.Errorf("constructs: NewGoFunction %q: %w", *id, err))
	}
	f.Function, f.LogGroup = newFunction(f, functionSpec{
		code:         awslambda.Code_FromAsset(&dir, nil),
		handler:      "bootstrap",
		architecture: p.Architecture,
		environment:  p.Environment,
		timeout:      p.Timeout,
		memorySize:   p.MemorySize,
		logRetention: p.LogRetention,
	})
	return f
}

func (p *GoFunctionProps) withDefaults() GoFunctionProps {
	var d GoFunctionProps
	if p != nil {
		d = *p
	}
	if d.Timeout == nil {
		d.Timeout = awscdk.Duration_Seconds(jsii.Number(10))
	}
	if d.Architecture == nil {
		d.Architecture = awslambda.Architecture_ARM_64()
	}
	d.MemorySize = orDefault(d.MemorySize, jsii.Number(256))
	d.LogRetention = orDefault(d.LogRetention, awslogs.RetentionDays_ONE_MONTH)
	return d
}

func (p GoFunctionProps) mustBeValid(s subject) {
	if p.Entry == nil || *p.Entry == "" {
		s.fail("Entry is missing: name the folder or the import path of the function's main package")
	}
	s.functionLimits(p.Timeout, p.MemorySize)
}

// AddEnvironment sets a variable of the function's environment.
func (f *GoFunction) AddEnvironment(name, value *string) {
	f.Function.AddEnvironment(name, value, nil)
}
