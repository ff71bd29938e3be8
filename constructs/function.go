package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// functionSpec is what makes one Go function differ from another. Every field
// has to be set but environment.
type functionSpec struct {
	code         awslambda.Code
	handler      string
	architecture awslambda.Architecture
	environment  *map[string]*string
	timeout      awscdk.Duration
	memorySize   *float64
	logRetention awslogs.RetentionDays
}

// newFunction makes a Go function with a log group and a role of its own. The
// role may write to that log group and nothing else: the managed policy that
// CDK would attach allows writing to every log group of the account.
func newFunction(scope constructs.Construct, spec functionSpec) (awslambda.Function, awslogs.LogGroup) {
	logs := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		Retention:     spec.logRetention,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	function := awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: spec.architecture,
		Code:         spec.code,
		Handler:      jsii.String(spec.handler),
		Environment:  spec.environment,
		Timeout:      spec.timeout,
		MemorySize:   spec.memorySize,
		Role:         role,
		LogGroup:     logs,
	})
	return function, logs
}

// functionLimits demands what AWS Lambda demands of every function.
func (s subject) functionLimits(timeout awscdk.Duration, memorySize *float64) {
	s.seconds("Timeout", timeout, 1, 900)
	s.whole("MemorySize", memorySize, 128, 10240)
}
