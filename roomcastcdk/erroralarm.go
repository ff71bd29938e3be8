package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// errorsInFiveMinutes is how many errors the functions may log before the alarm
// rises: one that went away by itself wakes nobody up.
const errorsInFiveMinutes = 10

// addErrorAlarm counts the errors that functions log. Functions answer a client
// that something is unavailable, which no metric of Lambda or API Gateway takes
// for an error.
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
		AlarmDescription:   jsii.String("Functions log errors: clients are answered that something is unavailable."),
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

// metricNamespace is where the metrics of a construct's stack are. It has the name
// that the stack is deployed under: an app that is deployed twice to an account has
// the same construct paths in both, and each alarm counts its own stack only.
func metricNamespace(scope constructs.Construct) *string {
	return jsii.String("Roomcast/" + *awscdk.Stack_Of(scope).StackName())
}

// functionLogs is where a function writes, and the construct that holds it.
type functionLogs struct {
	scope constructs.Construct
	logs  awslogs.ILogGroup
}
