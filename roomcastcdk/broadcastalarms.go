package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// maxAge is how long a job may wait, in seconds, before the alarm rises.
const maxAge = 60

// MetricJobAge is the age of the oldest job in the queue, in seconds.
// Default: the maximum over one minute.
func (b *BroadcastFunction) MetricJobAge(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return metricWith(b.Queue.MetricApproximateAgeOfOldestMessage(&awscloudwatch.MetricOptions{
		Period: awscdk.Duration_Minutes(jsii.Number(1)), Statistic: jsii.String("Maximum"),
	}), opts)
}

// MetricFailures is the number of jobs that failed for the last time, by what
// the function logs.
// Default: the sum over one minute.
func (b *BroadcastFunction) MetricFailures(opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	return metricWith(b.failures.Metric(&awscloudwatch.MetricOptions{
		Period: awscdk.Duration_Minutes(jsii.Number(1)), Statistic: jsii.String("Sum"),
	}), opts)
}

// metricWith returns a metric with options, which may be nil.
func metricWith(metric awscloudwatch.Metric, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	if opts == nil {
		return metric
	}
	return metric.With(opts)
}

// addAlarms watches the queue and what the function logs. Lambda polls this
// queue all the time, so its metrics are not late as those of the dead-letter
// queue may be.
func (b *BroadcastFunction) addAlarms() {
	b.AgeAlarm = awscloudwatch.NewAlarm(b, jsii.String("AgeAlarm"), &awscloudwatch.AlarmProps{
		Metric:             b.MetricJobAge(nil),
		AlarmDescription:   jsii.String("A broadcast job has waited for more than a minute: its function is throttled, fails, or cannot keep up."),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
		Threshold:          jsii.Number(maxAge),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
	b.failures = awslogs.NewMetricFilter(b, jsii.String("Failures"), &awslogs.MetricFilterProps{
		LogGroup:        b.logs,
		FilterPattern:   awslogs.FilterPattern_BooleanValue(jsii.String("$.deadLetter"), jsii.Bool(true)),
		MetricNamespace: metricNamespace(b),
		MetricName:      jsii.String("DeadLetters-" + *awscdk.Names_UniqueId(b)),
		MetricValue:     jsii.String("1"),
	})
	b.FailureAlarm = awscloudwatch.NewAlarm(b, jsii.String("FailureAlarm"), &awscloudwatch.AlarmProps{
		Metric:             b.MetricFailures(nil),
		AlarmDescription:   jsii.String("A broadcast job has failed for the last time and goes to the dead-letter queue."),
		ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
		Threshold:          jsii.Number(1),
		EvaluationPeriods:  jsii.Number(1),
		TreatMissingData:   awscloudwatch.TreatMissingData_NOT_BREACHING,
	})
}
