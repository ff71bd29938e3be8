package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/roomcast/roomcast/internal/settings"
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
}

// MessageTable is the DynamoDB table of the rooms' logs (each room's head and
// its messages), of the users' inboxes, and for some minutes of who sent what,
// so that what is sent twice is taken once. A new one is paid for by the
// request, expires its items by the attribute ttl and is encrypted with a key
// that DynamoDB owns.
type MessageTable struct {
	constructs.Construct

	// Table is the table itself.
	Table awsdynamodb.ITableV2
}

var _ constructs.Construct = (*MessageTable)(nil)

// NewMessageTable defines a table of messages. props may be nil.
func NewMessageTable(scope constructs.Construct, id *string, props *MessageTableProps) *MessageTable {
	p := props.copied()
	mustBeOneTable(subject{"NewMessageTable", id}, p.Table, p.RemovalPolicy)

	t := &MessageTable{Table: p.Table}
	constructs.NewConstruct_Override(t, scope, id)
	if t.Table == nil {
		if p.RemovalPolicy == "" {
			p.RemovalPolicy = awscdk.RemovalPolicy_RETAIN
		}
		t.Table = newTable(t, p.RemovalPolicy)
	}
	return t
}

func (p *MessageTableProps) copied() MessageTableProps {
	if p == nil {
		return MessageTableProps{}
	}
	return *p
}

// GrantTo permits fn the given DynamoDB actions on the table, such as
// "dynamodb:GetItem", and tells it the table's name in the environment.
func (t *MessageTable) GrantTo(fn awslambda.Function, actions ...string) awsiam.Grant {
	return grantTable(t.Table, settings.MessageTable, fn, actions)
}
