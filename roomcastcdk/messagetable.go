package roomcastcdk

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// MessageTableProps configures a MessageTable.
type MessageTableProps struct {
	// Table is an existing table. It must have the string partition key pk, the
	// string sort key sk, and the TTL attribute ttl. It cannot be combined with the
	// other props.
	// Default: a new table.
	Table awsdynamodb.ITableV2

	// RemovalPolicy says what happens to a new table when it leaves the stack.
	// Default: the table is retained, with all messages and inboxes.
	RemovalPolicy awscdk.RemovalPolicy

	// EncryptionKey is a KMS key of yours that encrypts a new table. The stack must
	// name its Region. Functions are permitted to use the key through DynamoDB
	// only. KMS charges for the key and for each use.
	// Default: a key that DynamoDB owns, at no charge.
	EncryptionKey awskms.IKey

	// PointInTimeRecovery makes it possible to restore a new table as it was at any
	// second of the last 35 days. DynamoDB charges for it by the size of the
	// table.
	// Default: off.
	PointInTimeRecovery *bool

	// DeletionProtection makes DynamoDB refuse to delete a new table until it is
	// switched off.
	// Default: off.
	DeletionProtection *bool

	// WarmThroughput is what a new table serves immediately, before it has scaled
	// up: from 12,000 read and 4,000 write units a second. DynamoDB charges once
	// for what is above these.
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html
	// Default: 12,000 read and 4,000 write units a second.
	WarmThroughput *awsdynamodb.WarmThroughput

	// MaxReadUnits and MaxWriteUnits bound what a new table serves in a second, and
	// so what it can cost. Above them calls are throttled, and clients get the
	// error unavailable.
	// Default: the account's quota.
	MaxReadUnits, MaxWriteUnits *float64
}

// MessageTable is the DynamoDB table of the logs of rooms and the inboxes of
// users. For some minutes it also records who sent which message, so that a message
// that is sent twice is stored once. A new table is billed on demand, is encrypted, and
// deletes items by their attribute ttl.
type MessageTable struct {
	constructs.Construct

	// Table is the table itself.
	Table awsdynamodb.ITableV2
}

var _ constructs.Construct = (*MessageTable)(nil)

// MessageTable_FromTableName imports a table that exists in the stack's account and
// Region. [MessageTableProps] says at Table which keys it must have. Import a table
// with a KMS key of yours by MessageTable_FromTableAttributes, so that grants
// include the key. It panics without a name.
func MessageTable_FromTableName(scope constructs.Construct, id, tableName *string) *MessageTable {
	return MessageTable_FromTableAttributes(scope, id, &awsdynamodb.TableAttributesV2{TableName: tableName})
}

// MessageTable_FromTableAttributes imports a table that exists, by its name or ARN,
// and with the KMS key that encrypts it, if it is one of yours. A ChatApi needs
// tables of its own account and Region. It panics unless exactly one of TableName and
// TableArn is set.
func MessageTable_FromTableAttributes(scope constructs.Construct, id *string, attrs *awsdynamodb.TableAttributesV2) *MessageTable {
	s := subject{"MessageTable_FromTableAttributes", id}
	s.mustBePlaced(scope)
	s.mustNameTable(attrs)
	t := &MessageTable{}
	constructs.NewConstruct_Override(t, scope, id)
	t.Table = awsdynamodb.TableV2_FromTableAttributes(t, jsii.String("Table"), attrs)
	return t
}

// NewMessageTable defines a table of messages. props may be nil.
func NewMessageTable(scope constructs.Construct, id *string, props *MessageTableProps) *MessageTable {
	if props == nil {
		props = &MessageTableProps{}
	}
	s, p := subject{"NewMessageTable", id}, tableProps(*props)
	s.mustBePlaced(scope)
	p.mustBeValid(s, scope)

	t := &MessageTable{}
	constructs.NewConstruct_Override(t, scope, id)
	t.Table = p.table(t, awscdk.RemovalPolicy_RETAIN)
	return t
}

// GrantReadData permits a principal to read the rooms' logs and the users' inboxes. It
// permits the calls of CDK's grant of the same name, and the use of the table's KMS
// key through DynamoDB. The format of the items is not part of Roomcast's API.
func (t *MessageTable) GrantReadData(grantee awsiam.IGrantable) awsiam.Grant {
	s := subject{"GrantReadData", t.Node().Path()}
	s.mustName(grantee)
	return grantTable(t.Table, grantee, readTable)
}
