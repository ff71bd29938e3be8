package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// maxAge is for how long a job may wait, in seconds, before the alarm rises.
const maxAge = 60

// addAlarms watches the queue and what the function logs. Unlike the dead-letter
// queue, this queue is polled all the time, so its metrics are never late.
func (b *BroadcastFunction) addAlarms(logs awslogs.ILogGroup) {
	minute := awscdk.Duration_Minutes(jsii.Number(1))
	b.AgeAlarm = awscloudwatch.NewAlarm(b, jsii.String("AgeAlarm"), &awscloudwatch.AlarmProps{
		Metric: b.Queue.MetricApproximateAgeOfOldestMessage(&awscloudwatch.MetricOptions{
			Period: minute, Statistic: jsii.String("Maximum"),
		}),
		AlarmDescription:   jsii.String("A broadcast job has waited for more than a minute: its function is throttled, fails, or cannot keep up."),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		Threshold:          jsii.Number(maxAge),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	lost := awslogs.NewMetricFilter(b, jsii.String("Failures"), &awslogs.MetricFilterProps{
		LogGroup:        logs,
		FilterPattern:   awslogs.FilterPattern_BooleanValue(jsii.String("$.deadLetter"), jsii.Bool(true)),
		MetricNamespace: metricNamespace(b),
		MetricName:      jsii.String("DeadLetters-" + *awscdk.Names_UniqueId(b)),
		MetricValue:     jsii.String("1"),
	})
	b.FailureAlarm = awscloudwatch.NewAlarm(b, jsii.String("FailureAlarm"), &awscloudwatch.AlarmProps{
		Metric:             lost.Metric(&awscloudwatch.MetricOptions{Period: minute, Statistic: jsii.String("Sum")}),
		AlarmDescription:   jsii.String("A broadcast job has failed for the last time and goes to the dead-letter queue."),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}
