package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/roomcast/roomcast/internal/routes"
)

// ExpiryFunction closes the connections whose token has expired. A rule of
// EventBridge invokes it every minute, which is 43,800 invocations a month. Each
// [ChatApi] without [OpenAuth] makes its own.
type ExpiryFunction struct {
	constructs.Construct

	// Function closes the connections.
	Function awslambda.Function

	logs awslogs.ILogGroup // where the function writes
}

var _ constructs.Construct = (*ExpiryFunction)(nil)

// expiryTimeout is how long one round may take, in seconds: less than until the
// next begins, and enough to close some thousands of connections.
const expiryTimeout = 50

// newExpiryFunction defines the function and what invokes it. The function
// still has to be permitted to close connections.
//
// The rule is made by hand: CDK's package of targets imports half of CDK.
func newExpiryFunction(scope constructs.Construct, id string, code awslambda.Code, made FunctionDefaults) *ExpiryFunction {
	e := &ExpiryFunction{}
	constructs.NewConstruct_Override(e, scope, &id)
	e.Function, e.logs = newFunction(e, functionSpec{
		FunctionDefaults: made,
		code:             code,
		handler:          routes.Expiry,
		// The next round does all that this one left undone. Lambda would keep the
		// calls of hours in which it throttled the function, and make them all at
		// once.
		asynchronous: &awslambda.EventInvokeConfigOptions{
			MaxEventAge:   awscdk.Duration_Seconds(jsii.Number(60)),
			RetryAttempts: jsii.Number(0),
		},
	})
	rule := awsevents.NewCfnRule(e, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Description:        jsii.String("Closes the connections whose token has expired."),
		ScheduleExpression: jsii.String("rate(1 minute)"),
		Targets: &[]*awsevents.CfnRule_TargetProperty{
			{Id: jsii.String("Function"), Arn: e.Function.FunctionArn()},
		},
	})
	e.Function.AddPermission(jsii.String("Schedule"), &awslambda.Permission{
		Principal: awsiam.NewServicePrincipal(jsii.String("events.amazonaws.com"), nil),
		SourceArn: rule.AttrArn(),
	})
	return e
}

// MetricErrors is the number of invocations of the function that failed. While it
// fails, sockets whose token has expired stay open, but what they send is
// refused.
// Default: the sum over five minutes.
func (e *ExpiryFunction) MetricErrors(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return e.Function.MetricErrors(opts)
}
