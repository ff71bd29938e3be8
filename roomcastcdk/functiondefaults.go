package roomcastcdk

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// FunctionDefaults configures Lambda functions: all functions of a construct, or
// one of them by name. See FunctionDefaults and FunctionOverrides of
// [ChatApiProps].
type FunctionDefaults struct {
	// Architecture is the processor. Go programs are compiled for it.
	// Default: ARM_64.
	Architecture awslambda.Architecture

	// MemorySize is the memory in MB, from 128 to 10240. Lambda allocates CPU in
	// proportion to it: 1,769 MB have one vCPU.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
	// Default: 256; 512 for functions that queues invoke.
	MemorySize *float64

	// Timeout is how long an invocation may take, from 1 second to 15 minutes, in
	// whole seconds. As a default for all functions it applies to those that clients
	// wait for, the routes and the authorizer; override the others by name. API
	// Gateway waits for at most 29 seconds.
	// Default: 10 seconds; 50 seconds for expiry. BroadcastFunctionProps has that
	// of broadcast.
	Timeout awscdk.Duration

	// Tracing sends traces of invocations to X-Ray, and permits the function to do
	// so. X-Ray charges for traces.
	// Default: off.
	Tracing awslambda.Tracing

	// LoggingFormat is the format of the lines that Lambda writes. Levels need
	// JSON. Roomcast's functions log JSON in any case.
	// Default: JSON.
	LoggingFormat awslambda.LoggingFormat

	// ApplicationLogLevel is the lowest level that the function logs. It needs the
	// format JSON. FATAL drops errors, and with them what ErrorAlarm and
	// FailureAlarm count.
	// Default: INFO.
	ApplicationLogLevel awslambda.ApplicationLogLevel

	// SystemLogLevel is the lowest level that Lambda logs about invocations. It
	// needs the format JSON. INFO adds about 400 bytes to each invocation, with its
	// duration and memory, which CloudWatch charges for. The function's metrics
	// have the durations in any case.
	// Default: WARN.
	SystemLogLevel awslambda.SystemLogLevel

	// LogGroup is an existing log group to log to. The alarms count every error in
	// it, whatever logs it. It cannot be combined with the next three props.
	// Default: a new log group for each function.
	LogGroup awslogs.ILogGroup

	// LogRetention is how long a new log group keeps logs.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// LogRemovalPolicy says what happens to a new log group when it leaves the
	// stack.
	// Default: it is deleted.
	LogRemovalPolicy awscdk.RemovalPolicy

	// LogEncryptionKey is a KMS key of yours that encrypts new log groups. Its
	// policy gets a statement that lets CloudWatch Logs use it for log groups of
	// the account and Region; an imported key must have that already.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
	// Default: CloudWatch Logs encrypts with its own keys, at no charge.
	LogEncryptionKey awskms.IKey

	// EnvironmentEncryptionKey is a KMS key of yours that encrypts the environment
	// variables at rest. None of them is secret. The functions are permitted to
	// decrypt with it.
	// Default: Lambda encrypts with its own key, at no charge.
	EnvironmentEncryptionKey awskms.IKey

	// ReservedConcurrentExecutions reserves concurrent invocations for the
	// function, and is the most that it runs; 0 stops it. They are taken from the
	// account's quota, of which 100 must stay unreserved. Set it for single
	// functions.
	// https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
	// Default: none are reserved.
	ReservedConcurrentExecutions *float64
}

// Over returns f, with the values that it leaves out taken from base. Either may
// be nil.
func (f *FunctionDefaults) Over(base *FunctionDefaults) *FunctionDefaults {
	if f == nil || base == nil {
		return orDefault(f, base)
	}
	merged := f.over(*base)
	return &merged
}

// over returns f, with the values that it leaves out taken from base.
func (f *FunctionDefaults) over(base FunctionDefaults) FunctionDefaults {
	if f == nil {
		return base
	}
	if f.LogGroup != nil { // no new log group is made
		base.LogRetention, base.LogRemovalPolicy, base.LogEncryptionKey = "", "", nil
	} else if f.LogRetention != "" || f.LogRemovalPolicy != "" || f.LogEncryptionKey != nil {
		base.LogGroup = nil
	}
	if f.LoggingFormat == awslambda.LoggingFormat_TEXT { // which has no levels
		base.ApplicationLogLevel, base.SystemLogLevel = "", ""
	}
	return FunctionDefaults{
		Architecture:                 orDefault(f.Architecture, base.Architecture),
		MemorySize:                   orDefault(f.MemorySize, base.MemorySize),
		Timeout:                      orDefault(f.Timeout, base.Timeout),
		Tracing:                      orDefault(f.Tracing, base.Tracing),
		LoggingFormat:                orDefault(f.LoggingFormat, base.LoggingFormat),
		ApplicationLogLevel:          orDefault(f.ApplicationLogLevel, base.ApplicationLogLevel),
		SystemLogLevel:               orDefault(f.SystemLogLevel, base.SystemLogLevel),
		LogGroup:                     orDefault(f.LogGroup, base.LogGroup),
		LogRetention:                 orDefault(f.LogRetention, base.LogRetention),
		LogRemovalPolicy:             orDefault(f.LogRemovalPolicy, base.LogRemovalPolicy),
		LogEncryptionKey:             orDefault(f.LogEncryptionKey, base.LogEncryptionKey),
		EnvironmentEncryptionKey:     orDefault(f.EnvironmentEncryptionKey, base.EnvironmentEncryptionKey),
		ReservedConcurrentExecutions: orDefault(f.ReservedConcurrentExecutions, base.ReservedConcurrentExecutions),
	}
}

// foreground configures functions that clients wait for.
func foreground() FunctionDefaults {
	return FunctionDefaults{
		Architecture: awslambda.Architecture_ARM_64(),
		MemorySize:   jsii.Number(256),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(10)),
	}
}

// background configures functions that no client waits for.
func background(timeoutSeconds, memorySize float64) FunctionDefaults {
	return FunctionDefaults{
		Architecture: awslambda.Architecture_ARM_64(),
		MemorySize:   &memorySize,
		Timeout:      awscdk.Duration_Seconds(&timeoutSeconds),
	}
}

// withoutTimeout returns f for a function that no client waits for.
func (f *FunctionDefaults) withoutTimeout() *FunctionDefaults {
	if f == nil {
		return nil
	}
	defaults := *f
	defaults.Timeout = nil
	return &defaults
}

// mustBeValid refuses what AWS Lambda would refuse. prefix names the prop.
func (f *FunctionDefaults) mustBeValid(s subject, prefix string) {
	if f == nil {
		return
	}
	s.seconds(prefix+"Timeout", f.Timeout, 1, 900)
	s.whole(prefix+"MemorySize", f.MemorySize, 128, 10240)
	s.whole(prefix+"ReservedConcurrentExecutions", f.ReservedConcurrentExecutions, 0, 1_000_000)
	if f.LoggingFormat == awslambda.LoggingFormat_TEXT && (f.ApplicationLogLevel != "" || f.SystemLogLevel != "") {
		s.fail("%[1]sApplicationLogLevel and %[1]sSystemLogLevel have no effect with the logging format TEXT: use JSON, or leave them out", prefix)
	}
	if f.LogGroup != nil && (f.LogRetention != "" || f.LogRemovalPolicy != "" || f.LogEncryptionKey != nil) {
		s.fail("%[1]sLogGroup exists already: set %[1]sLogRetention, %[1]sLogRemovalPolicy and %[1]sLogEncryptionKey where it is defined", prefix)
	}
}

// mustServe refuses a reserved concurrency below that of the event source, which
// would get the function throttled.
func (f FunctionDefaults) mustServe(s subject, concurrency float64) {
	if reserved := f.ReservedConcurrentExecutions; reserved != nil && *reserved > 0 && *reserved < concurrency {
		s.fail("invalid ReservedConcurrentExecutions %s: expected at least %s, the concurrency of its queue, or 0 to stop the function",
			plain(*reserved), plain(concurrency))
	}
}

// overrides are the props of functions by name.
type overrides map[string]*FunctionDefaults

// mustBeValid refuses unknown names and invalid props.
func (o overrides) mustBeValid(s subject, known []string, elsewhere map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if remedy := elsewhere[name]; remedy != "" {
			s.fail("invalid FunctionOverrides name %q: %s", name, remedy)
		}
		if !slices.Contains(known, name) {
			s.fail("invalid FunctionOverrides name %q: expected one of %s", name, strings.Join(known, ", "))
		}
		o[name].mustBeValid(s, "FunctionOverrides["+name+"].")
	}
}
