package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// errorsInFiveMinutes is how many errors make the alarm rise. A single transient
// error does not.
const errorsInFiveMinutes = 10

// addErrorAlarm counts the errors that functions log. A function that answers a
// client with unavailable succeeds in the metrics of Lambda and API Gateway.
func (c *ChatApi) addErrorAlarm() {
	counted := map[string]bool{} // log groups, of which functions may share one
	for _, of := range c.logs {
		path := *of.logs.Node().Path()
		if counted[path] {
			continue
		}
		counted[path] = true
		awslogs.NewMetricFilter(of.scope, jsii.String("Errors"), &awslogs.MetricFilterProps{
			LogGroup:        of.logs,
			FilterPattern:   awslogs.FilterPattern_StringValue(jsii.String("$.level"), jsii.String("="), jsii.String("ERROR")),
			MetricNamespace: metricNamespace(c),
			MetricName:      c.errorMetricName(),
			MetricValue:     jsii.String("1"),
		})
	}
	c.ErrorAlarm = awscloudwatch.NewAlarm(c, jsii.String("ErrorAlarm"), &awscloudwatch.AlarmProps{
		Metric:             c.MetricErrors(nil),
		AlarmDescription:   jsii.String("Functions log errors: clients get the error unavailable."),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(errorsInFiveMinutes),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}

// MetricErrors is the number of errors that the functions of this ChatApi have
// logged. Functions of your own are not counted.
// Default: the sum over five minutes.
func (c *ChatApi) MetricErrors(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return metricWith(awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: metricNamespace(c), MetricName: c.errorMetricName(),
		Period: awscdk.Duration_Minutes(jsii.Number(5)), Statistic: jsii.String("Sum"),
	}), opts)
}

func (c *ChatApi) errorMetricName() *string {
	return jsii.String("Errors-" + *awscdk.Names_UniqueId(c))
}

// metricNamespace is the namespace of the metrics of a construct's stack. It has the
// stack's name, so that an app that is deployed twice to an account has separate
// metrics.
func metricNamespace(scope constructs.Construct) *string {
	return jsii.String("Roomcast/" + *awscdk.Stack_Of(scope).StackName())
}

// functionLogs is the log group of a function, and the construct that has it.
type functionLogs struct {
	scope constructs.Construct
	logs  awslogs.ILogGroup
}
