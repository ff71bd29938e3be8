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
	// Table is an existing table to use. Its partition key has to be the
	// string pk, its sort key the string sk, its TTL attribute ttl.
	// Default: a new table is created.
	Table awsdynamodb.ITableV2

	// RemovalPolicy says what becomes of a new table when it leaves the stack.
	// Default: the table is retained, and with it every message and inbox.
	RemovalPolicy awscdk.RemovalPolicy

	// EncryptionKey is a key of yours in KMS that encrypts a new table. Each
	// function is permitted just the calls on it that its calls on the table
	// need. KMS charges for the key and for its use. The stack has to name its
	// Region.
	// Default: a key that DynamoDB owns, at no charge.
	EncryptionKey awskms.IKey

	// PointInTimeRecovery keeps a new table's changes of the last 35 days, so
	// that it can be restored as it was at any second of them. DynamoDB
	// charges for it by the size of the table.
	// Default: off.
	PointInTimeRecovery *bool

	// DeletionProtection refuses to delete a new table, by whatever means, until
	// it is switched off.
	// Default: off.
	DeletionProtection *bool

	// WarmThroughput is what a new table can serve at once, without having grown
	// to it: from 12,000 read and 4,000 write units a second. DynamoDB charges
	// once for what is above that.
	// Default: 12,000 read and 4,000 write units a second.
	WarmThroughput *awsdynamodb.WarmThroughput

	// MaxReadUnits and MaxWriteUnits bound what a new table serves in a second,
	// and so what it can cost. Above them calls are throttled, and clients are
	// answered unavailable.
	// Default: the quota of the account.
	MaxReadUnits, MaxWriteUnits *float64
}

// MessageTable is the DynamoDB table of the rooms' logs (each room's head and
// its messages), of the users' inboxes, and for some minutes of who sent what,
// so that what is sent twice is taken once. A new one is paid for by the
// request, expires its items by the attribute ttl and is encrypted.
type MessageTable struct {
	constructs.Construct

	// Table is the table itself.
	Table awsdynamodb.ITableV2
}

var _ constructs.Construct = (*MessageTable)(nil)

// MessageTable_FromTableName imports a table that exists in the stack's account and
// Region. See the prop Table for the keys it must have. A table with a KMS key
// of yours is imported by MessageTable_FromTableAttributes, so that grants
// include the key.
func MessageTable_FromTableName(scope constructs.Construct, id, tableName *string) *MessageTable {
	return MessageTable_FromTableAttributes(scope, id, &awsdynamodb.TableAttributesV2{TableName: tableName})
}

// MessageTable_FromTableAttributes imports a table that exists, by its name or ARN,
// and with the KMS key that encrypts it, if it is one of yours.
func MessageTable_FromTableAttributes(scope constructs.Construct, id *string, attrs *awsdynamodb.TableAttributesV2) *MessageTable {
	subject{"MessageTable_FromTableAttributes", id}.mustNameTable(attrs)
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
	p := tableProps(*props)
	p.mustBeValid(subject{"NewMessageTable", id}, scope)

	t := &MessageTable{}
	constructs.NewConstruct_Override(t, scope, id)
	t.Table = p.table(t, awscdk.RemovalPolicy_RETAIN)
	return t
}

// GrantReadData permits a principal to read the rooms' logs and the users' inboxes: the calls
// of CDK's grant of the same name, and those on the table's key in KMS through
// DynamoDB only. How the items look is not part of Roomcast's API.
func (t *MessageTable) GrantReadData(grantee awsiam.IGrantable) awsiam.Grant {
	s := subject{"GrantReadData", t.Node().Path()}
	s.mustHaveGrantee(grantee)
	return grantTable(t.Table, grantee, readTable)
}
