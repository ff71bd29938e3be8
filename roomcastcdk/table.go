package roomcastcdk

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// tableProps are the props of both tables, which differ only in their docs.
type tableProps struct {
	Table               awsdynamodb.ITableV2
	RemovalPolicy       awscdk.RemovalPolicy
	EncryptionKey       awskms.IKey
	PointInTimeRecovery *bool
	DeletionProtection  *bool
	WarmThroughput      *awsdynamodb.WarmThroughput
	MaxReadUnits        *float64
	MaxWriteUnits       *float64
}

// mustBeValid refuses props of a new table together with an existing one, and a
// key that CloudFormation could not use.
func (p tableProps) mustBeValid(s subject, scope constructs.Construct) {
	if p.Table == nil {
		p.throughputMustBeValid(s)
		if p.EncryptionKey != nil && *awscdk.Token_IsUnresolved(awscdk.Stack_Of(scope).Region()) {
			s.fail("EncryptionKey needs a stack that names its Region: give the stack an Env with a Region")
		}
		return
	}
	s.mustHaveKeys(p.Table)
	for prop, given := range map[string]bool{
		"RemovalPolicy":       p.RemovalPolicy != "",
		"EncryptionKey":       p.EncryptionKey != nil,
		"PointInTimeRecovery": p.PointInTimeRecovery != nil,
		"DeletionProtection":  p.DeletionProtection != nil,
		"WarmThroughput":      p.WarmThroughput != nil,
		"MaxReadUnits":        p.MaxReadUnits != nil,
		"MaxWriteUnits":       p.MaxWriteUnits != nil,
	} {
		if given {
			s.fail("%s has no effect on an existing table: set it where the table is defined, or leave Table out to get a new one", prop)
		}
	}
}

// mustNameTable refuses to import a table without its name.
func (s subject) mustNameTable(attrs *awsdynamodb.TableAttributesV2) {
	if attrs == nil || valueOf(attrs.TableName) == "" && valueOf(attrs.TableArn) == "" {
		s.fail("the table is missing: pass its TableName or TableArn")
	}
	if attrs.TableName != nil && attrs.TableArn != nil {
		s.fail("TableName and TableArn exclude each other: pass one of them")
	}
}

// valueOf returns a string, which may be nil.
func valueOf(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// What every new on-demand table serves immediately; it cannot have less.
const (
	leastWarmReads  = 12_000
	leastWarmWrites = 4_000
	mostUnits       = 100_000_000 // far above what AWS grants
)

func (p tableProps) throughputMustBeValid(s subject) {
	if warm := p.WarmThroughput; warm != nil {
		s.whole("WarmThroughput.ReadUnitsPerSecond", warm.ReadUnitsPerSecond, leastWarmReads, mostUnits)
		s.whole("WarmThroughput.WriteUnitsPerSecond", warm.WriteUnitsPerSecond, leastWarmWrites, mostUnits)
	}
	s.whole("MaxReadUnits", p.MaxReadUnits, 1, mostUnits)
	s.whole("MaxWriteUnits", p.MaxWriteUnits, 1, mostUnits)
}

// billing is on demand, up to a maximum if there is one.
func (p tableProps) billing() awsdynamodb.Billing {
	if p.MaxReadUnits == nil && p.MaxWriteUnits == nil {
		return awsdynamodb.Billing_OnDemand(nil)
	}
	return awsdynamodb.Billing_OnDemand(&awsdynamodb.MaxThroughputProps{
		MaxReadRequestUnits: p.MaxReadUnits, MaxWriteRequestUnits: p.MaxWriteUnits,
	})
}

// table returns the existing table, or makes a new one with the keys pk and sk, on
// demand, with the TTL attribute ttl. removal is the policy unless the props have
// one.
func (p tableProps) table(scope constructs.Construct, removal awscdk.RemovalPolicy) awsdynamodb.ITableV2 {
	if p.Table != nil {
		return p.Table
	}
	// A KMS key adds a charge, and throttles on its own.
	encryption := awsdynamodb.TableEncryptionV2_DynamoOwnedKey()
	if p.EncryptionKey != nil {
		encryption = awsdynamodb.TableEncryptionV2_CustomerManagedKey(p.EncryptionKey, nil)
	}
	var recovery *awsdynamodb.PointInTimeRecoverySpecification
	if p.PointInTimeRecovery != nil {
		recovery = &awsdynamodb.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: p.PointInTimeRecovery}
	}
	return awsdynamodb.NewTableV2(scope, jsii.String("Table"), &awsdynamodb.TablePropsV2{
		PartitionKey:        &awsdynamodb.Attribute{Name: jsii.String("pk"), Type: awsdynamodb.AttributeType_STRING},
		SortKey:             &awsdynamodb.Attribute{Name: jsii.String("sk"), Type: awsdynamodb.AttributeType_STRING},
		Billing:             p.billing(),
		TimeToLiveAttribute: jsii.String("ttl"),
		Encryption:          encryption,
		RemovalPolicy:       orDefault(p.RemovalPolicy, removal),
		DeletionProtection:  p.DeletionProtection,
		WarmThroughput:      p.WarmThroughput,

		PointInTimeRecoverySpecification: recovery,
	})
}

// readTable are the calls that change nothing.
var readTable = []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:ConditionCheckItem", "dynamodb:DescribeTable"}

// grantTable permits a principal calls on a table, and those on its key in KMS
// that they need: the table's own Grant leaves the key out.
func grantTable(table awsdynamodb.ITableV2, grantee awsiam.IGrantable, actions []string) awsiam.Grant {
	key := table.EncryptionKey()
	if key == nil {
		return table.Grant(grantee, *jsii.Strings(actions...)...)
	}
	calls := []string{"kms:Decrypt"}
	if slices.ContainsFunc(actions, func(action string) bool { return !slices.Contains(readTable, action) }) {
		calls = append(calls, "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncryptFrom", "kms:ReEncryptTo")
	}
	ofKey := grantKey(key, table, grantee, "dynamodb", calls...)
	return ofKey.Combine(table.Grant(grantee, *jsii.Strings(actions...)...))
}
