package constructs

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Both tables are alike but for what becomes of them.
var tableTests = []struct {
	name           string
	removalDefault string
	make           func(scope constructs.Construct, existing awsdynamodb.ITableV2, removal awscdk.RemovalPolicy) (constructs.Construct, awsdynamodb.ITableV2)
	makeDefault    func(scope constructs.Construct)
}{
	{"ConnectionTable", "Delete",
		func(scope constructs.Construct, existing awsdynamodb.ITableV2, removal awscdk.RemovalPolicy) (constructs.Construct, awsdynamodb.ITableV2) {
			c := NewConnectionTable(scope, jsii.String("T"), &ConnectionTableProps{Table: existing, RemovalPolicy: removal})
			return c, c.Table
		},
		func(scope constructs.Construct) { NewConnectionTable(scope, jsii.String("T"), nil) }},
	{"MessageTable", "Retain",
		func(scope constructs.Construct, existing awsdynamodb.ITableV2, removal awscdk.RemovalPolicy) (constructs.Construct, awsdynamodb.ITableV2) {
			m := NewMessageTable(scope, jsii.String("T"), &MessageTableProps{Table: existing, RemovalPolicy: removal})
			return m, m.Table
		},
		func(scope constructs.Construct) { NewMessageTable(scope, jsii.String("T"), nil) }},
}

func TestTableDefault(t *testing.T) {
	for _, test := range tableTests {
		t.Run(test.name, func(t *testing.T) {
			stack := newStack(t, nil)
			test.makeDefault(stack)
			table := only(t, templateOf(stack), "AWS::DynamoDB::GlobalTable")
			expectProperty(t, table, "KeySchema", "[map[AttributeName:pk KeyType:HASH] map[AttributeName:sk KeyType:RANGE]]")
			expectProperty(t, table, "AttributeDefinitions", "[map[AttributeName:pk AttributeType:S] map[AttributeName:sk AttributeType:S]]")
			expectProperty(t, table, "TimeToLiveSpecification", "map[AttributeName:ttl Enabled:true]")
			expectProperty(t, table, "BillingMode", "PAY_PER_REQUEST")
			expectProperty(t, table, "SSESpecification", "map[SSEEnabled:false]")
			if got := table["DeletionPolicy"]; got != test.removalDefault {
				t.Errorf("DeletionPolicy is %v, want %s", got, test.removalDefault)
			}
		})
	}
}

func TestTableRemovalPolicy(t *testing.T) {
	for _, test := range tableTests {
		t.Run(test.name, func(t *testing.T) {
			policies := map[awscdk.RemovalPolicy]string{awscdk.RemovalPolicy_DESTROY: "Delete", awscdk.RemovalPolicy_RETAIN: "Retain"}
			for policy, want := range policies {
				stack := newStack(t, nil)
				test.make(stack, nil, policy)
				if got := only(t, templateOf(stack), "AWS::DynamoDB::GlobalTable")["DeletionPolicy"]; got != want {
					t.Errorf("DeletionPolicy is %v, want %s", got, want)
				}
			}
		})
	}
}

func TestTableExisting(t *testing.T) {
	for _, test := range tableTests {
		t.Run(test.name, func(t *testing.T) {
			stack := newStack(t, nil)
			NewDLQ(stack, jsii.String("DLQ"), nil) // a template must not be empty
			existing := awsdynamodb.TableV2_FromTableName(stack, jsii.String("Existing"), jsii.String("orders"))
			_, table := test.make(stack, existing, "")
			if *table.TableName() != "orders" {
				t.Errorf("uses table %s, want orders", *table.TableName())
			}
			templateOf(stack).ResourceCountIs(jsii.String("AWS::DynamoDB::GlobalTable"), jsii.Number(0))

			expectPanic(t, `"T": RemovalPolicy DESTROY has no effect on an existing table`, func() {
				test.make(newStack(t, nil), existing, awscdk.RemovalPolicy_DESTROY)
			})
		})
	}
}

func TestTableIsAConstruct(t *testing.T) {
	for _, test := range tableTests {
		t.Run(test.name, func(t *testing.T) {
			construct, _ := test.make(newStack(t, nil), nil, "")
			expectConstruct(t, construct)
		})
	}
}

func TestTableGrantTo(t *testing.T) {
	stack := newStack(t, nil)
	fn := NewGoFunction(stack, jsii.String("F"), &GoFunctionProps{Entry: jsii.String("example.com/f")}).Function
	NewConnectionTable(stack, jsii.String("Connections"), nil).GrantTo(fn, "dynamodb:Query")
	NewMessageTable(stack, jsii.String("Messages"), nil).GrantTo(fn, "dynamodb:GetItem")

	template := templateOf(stack)
	expectEnvironment(t, only(t, template, "AWS::Lambda::Function"), "ROOMCAST_CONNECTION_TABLE", "ROOMCAST_MESSAGE_TABLE")
	expectAllowed(t, template, "bootstrap",
		"dynamodb:GetItem on MessagesTable",
		"dynamodb:Query on ConnectionsTable",
		"logs:CreateLogStream on FLogs",
		"logs:PutLogEvents on FLogs")
}
