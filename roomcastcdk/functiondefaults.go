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

// FunctionDefaults configures Lambda functions: all that a construct makes, or
// one of them by name. See FunctionDefaults and FunctionOverrides of
// [ChatApiProps]. What is left out keeps the default that is named here.
type FunctionDefaults struct {
	// Architecture is the processor. Go programs are compiled for it.
	// Default: ARM_64.
	Architecture awslambda.Architecture

	// MemorySize is the memory in MB, from 128 to 10240. The share of a
	// processor grows with it: one at 1,769 MB.
	// Default: 256; 512 for the functions that queues call.
	MemorySize *float64

	// Timeout is how long an invocation may take, from 1 second to 15 minutes.
	// As a default for all functions it applies to those that clients wait for,
	// the routes and the authorizer; override the others by name. API Gateway
	// waits for 29 seconds at most.
	// Default: 10 seconds for those; see BroadcastFunctionProps for broadcast;
	// 10 seconds for cursors; 50 seconds for expiry.
	Timeout awscdk.Duration

	// Tracing lets X-Ray record invocations, and permits the function to send
	// traces. X-Ray charges for them.
	// Default: off.
	Tracing awslambda.Tracing

	// LoggingFormat is how Lambda writes its own lines, and whether levels have
	// an effect. Roomcast's own functions write JSON in any case.
	// Default: JSON.
	LoggingFormat awslambda.LoggingFormat

	// ApplicationLogLevel is the least level of what the function logs. Only
	// with the format JSON. FATAL leaves errors out, and with them what ErrorAlarm
	// and FailureAlarm count.
	// Default: INFO.
	ApplicationLogLevel awslambda.ApplicationLogLevel

	// SystemLogLevel is the least level of what Lambda logs about invocations.
	// INFO adds a start and a report line to each invocation, with its duration
	// and memory, some 400 bytes that CloudWatch charges for; the durations are
	// in the function's metrics in any case. Only with the format JSON.
	// Default: WARN.
	SystemLogLevel awslambda.SystemLogLevel

	// LogGroup is an existing log group to write to. The alarms count every error
	// in it, whatever logs it. Not with the other props of log groups.
	// Default: a new one for each function.
	LogGroup awslogs.ILogGroup

	// LogRetention is how long a new log group keeps what is logged.
	// Default: one month.
	LogRetention awslogs.RetentionDays

	// LogRemovalPolicy says what becomes of a new log group when it leaves the
	// stack.
	// Default: it is deleted.
	LogRemovalPolicy awscdk.RemovalPolicy

	// LogEncryptionKey is a key of yours in KMS that encrypts new log groups.
	// CloudWatch Logs is permitted to use it, for log groups of the stack's
	// account and Region; a key that is imported has to permit that already.
	// Default: CloudWatch Logs encrypts with keys of its own, at no charge.
	LogEncryptionKey awskms.IKey

	// EnvironmentEncryptionKey is a key of yours in KMS that encrypts the
	// environment variables at rest. No secret is among them. The functions are
	// permitted to decrypt with it.
	// Default: Lambda encrypts with a key of its own, at no charge.
	EnvironmentEncryptionKey awskms.IKey

	// ReservedConcurrentExecutions is how many invocations may run at the same
	// time, which are taken from those of the account: at least 100 have to stay
	// unreserved. It is meant for one function by name; 0 stops a function.
	// Default: none are reserved.
	ReservedConcurrentExecutions *float64
}

// Over returns f with what it leaves out taken from base. Either may be nil, and
// is nil if both are.
func (f *FunctionDefaults) Over(base *FunctionDefaults) *FunctionDefaults {
	if f == nil || base == nil {
		return orDefault(f, base)
	}
	merged := f.over(*base)
	return &merged
}

// over returns f where it says something, else base.
func (f *FunctionDefaults) over(base FunctionDefaults) FunctionDefaults {
	if f == nil {
		return base
	}
	if f.LogGroup != nil { // which leaves nothing to say about a new one
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

// foreground returns the settings of functions that clients wait for.
func foreground() FunctionDefaults {
	return FunctionDefaults{
		Architecture: awslambda.Architecture_ARM_64(),
		MemorySize:   jsii.Number(256),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(10)),
	}
}

// background returns the settings of functions that no client waits for.
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

// mustBeValid demands what AWS Lambda demands. prefix names the prop that f is.
func (f *FunctionDefaults) mustBeValid(s subject, prefix string) {
	if f == nil {
		return
	}
	s.seconds(prefix+"Timeout", f.Timeout, 1, 900)
	s.whole(prefix+"MemorySize", f.MemorySize, 128, 10240)
	s.whole(prefix+"ReservedConcurrentExecutions", f.ReservedConcurrentExecutions, 0, 1_000_000)
	if f.LoggingFormat == awslambda.LoggingFormat_TEXT && (f.ApplicationLogLevel != "" || f.SystemLogLevel != "") {
		s.fail("%[1]sApplicationLogLevel and %[1]sSystemLogLevel have no effect with the logging format TEXT: take JSON, or leave them out", prefix)
	}
	if f.LogGroup != nil && (f.LogRetention != "" || f.LogRemovalPolicy != "" || f.LogEncryptionKey != nil) {
		s.fail("%[1]sLogGroup exists already: set %[1]sLogRetention, %[1]sLogRemovalPolicy and %[1]sLogEncryptionKey where it is defined", prefix)
	}
}

// mustServe demands that an event source of this concurrency does not get the
// function throttled.
func (f FunctionDefaults) mustServe(s subject, concurrency float64) {
	if reserved := f.ReservedConcurrentExecutions; reserved != nil && *reserved > 0 && *reserved < concurrency {
		s.fail("invalid ReservedConcurrentExecutions %s: expected at least the %s batches that the queue hands out at the same time, or 0 to stop the function",
			plain(*reserved), plain(concurrency))
	}
}

// overrides are props of functions by name.
type overrides map[string]*FunctionDefaults

// mustBeValid refuses names that are not in known, and invalid props.
func (o overrides) mustBeValid(s subject, known []string, elsewhere map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if remedy := elsewhere[name]; remedy != "" {
			s.fail("invalid FunctionOverrides name %q: %s", name, remedy)
		}
		if !slices.Contains(known, name) {
			s.fail("invalid FunctionOverrides name %q: expected one of %s", name, strings.Join(known, ", "))
		}
		o[name].mustBeValid(s, "FunctionOverrides "+name+": ")
	}
}
