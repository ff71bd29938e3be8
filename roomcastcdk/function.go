package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// functionSpec is what makes one Go function differ from another. Code, handler,
// Architecture, Timeout and MemorySize have to be set.
type functionSpec struct {
	FunctionDefaults

	code        awslambda.Code
	handler     string
	environment *map[string]*string
	// recursiveLoop says whether Lambda stops the function when it is part of a
	// loop. Default: it does.
	recursiveLoop awslambda.RecursiveLoop
	// asynchronous are the options of a function that is called asynchronously.
	asynchronous *awslambda.EventInvokeConfigOptions
}

// newFunction makes a Go function with a log group and a role of its own. The
// role may write to that log group and nothing else: the managed policy that
// CDK would attach allows writing to every log group of the account.
func newFunction(scope constructs.Construct, spec functionSpec) (awslambda.Function, awslogs.ILogGroup) {
	logs := spec.logGroup(scope)
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	logs.GrantWrite(role)
	if key := spec.EnvironmentEncryptionKey; key != nil {
		role.AddToPolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
			Actions: jsii.Strings("kms:Decrypt"), Resources: &[]*string{key.KeyArn()},
		}))
	}
	spec.LoggingFormat = orDefault(spec.LoggingFormat, awslambda.LoggingFormat_JSON)
	if spec.LoggingFormat == awslambda.LoggingFormat_JSON {
		spec.ApplicationLogLevel = orDefault(spec.ApplicationLogLevel, awslambda.ApplicationLogLevel_INFO)
		spec.SystemLogLevel = orDefault(spec.SystemLogLevel, awslambda.SystemLogLevel_WARN)
	}
	props := awslambda.FunctionProps{
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: spec.Architecture,
		Code:         spec.code,
		Handler:      jsii.String(spec.handler),
		Environment:  spec.environment,
		Timeout:      spec.Timeout,
		MemorySize:   spec.MemorySize,
		Role:         role,

		LogGroup:              logs,
		LoggingFormat:         spec.LoggingFormat,
		ApplicationLogLevelV2: spec.ApplicationLogLevel,
		SystemLogLevelV2:      spec.SystemLogLevel,

		Tracing:                      spec.Tracing,
		RecursiveLoop:                spec.recursiveLoop,
		ReservedConcurrentExecutions: spec.ReservedConcurrentExecutions,
	}
	if key := spec.EnvironmentEncryptionKey; key != nil {
		props.EnvironmentEncryption = key
	}
	if o := spec.asynchronous; o != nil {
		props.MaxEventAge, props.RetryAttempts = o.MaxEventAge, o.RetryAttempts
	}
	function := awslambda.NewFunction(scope, jsii.String("Function"), &props)
	if policy := role.Node().TryFindChild(jsii.String("DefaultPolicy")); policy != nil && spec.Tracing != "" {
		exempt(policy, exemption{rule: "AwsSolutions-IAM5", findings: `^Resource::\*$`,
			reason: "X-Ray has no resources to name: traces are sent to the account."})
	}
	return function, logs
}

// logGroup returns the log group of a function: the one that exists, or a new one.
func (spec functionSpec) logGroup(scope constructs.Construct) awslogs.ILogGroup {
	if spec.LogGroup != nil {
		return spec.LogGroup
	}
	props := awslogs.LogGroupProps{
		Retention:     orDefault(spec.LogRetention, awslogs.RetentionDays_ONE_MONTH),
		RemovalPolicy: orDefault(spec.LogRemovalPolicy, awscdk.RemovalPolicy_DESTROY),
	}
	if key := spec.LogEncryptionKey; key != nil {
		permitLogs(scope, key)
		props.EncryptionKey = key
	}
	return awslogs.NewLogGroup(scope, jsii.String("Logs"), &props)
}

// permitLogs lets CloudWatch Logs use a key, for log groups of the account and
// Region. The log groups' own names would make the key and them depend on each
// other.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func permitLogs(scope constructs.Construct, key awskms.IKey) {
	stack := awscdk.Stack_Of(scope)
	groups := stack.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: jsii.String("*"),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	key.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("logs."+*stack.Region()+"."+*stack.UrlSuffix()), nil)},
		Actions: jsii.Strings("kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
			"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"),
		Resources:  jsii.Strings("*"), // in a key's policy, the key itself
		Conditions: &map[string]any{"ArnLike": map[string]any{"kms:EncryptionContext:aws:logs:arn": groups}},
	}), jsii.Bool(true))
}
