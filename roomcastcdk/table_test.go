package roomcastcdk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Both tables are alike but for what becomes of them.
var tableTests = []struct {
	name           string
	removalDefault string
	make           func(scope constructs.Construct, props tableProps) (constructs.Construct, awsdynamodb.ITableV2)
	makeDefault    func(scope constructs.Construct)
}{
	{"ConnectionTable", "Delete",
		func(scope constructs.Construct, props tableProps) (constructs.Construct, awsdynamodb.ITableV2) {
			p := ConnectionTableProps(props)
			c := NewConnectionTable(scope, jsii.String("T"), &p)
			return c, c.Table
		},
		func(scope constructs.Construct) { NewConnectionTable(scope, jsii.String("T"), nil) }},
	{"MessageTable", "Retain",
		func(scope constructs.Construct, props tableProps) (constructs.Construct, awsdynamodb.ITableV2) {
			p := MessageTableProps(props)
			m := NewMessageTable(scope, jsii.String("T"), &p)
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
			expectProperty(t, table, "TableName", "<nil>")
			if replica := replicaOf(table); replica["PointInTimeRecoverySpecification"] != nil {
				t.Errorf("the table keeps its changes: %v", replica)
			}
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
				test.make(stack, tableProps{RemovalPolicy: policy})
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
			NewDlq(stack, jsii.String("DLQ"), nil) // a template must not be empty
			existing := awsdynamodb.TableV2_FromTableName(stack, jsii.String("Existing"), jsii.String("orders"))
			_, table := test.make(stack, tableProps{Table: existing})
			if *table.TableName() != "orders" {
				t.Errorf("uses table %s, want orders", *table.TableName())
			}
			templateOf(stack).ResourceCountIs(jsii.String("AWS::DynamoDB::GlobalTable"), jsii.Number(0))

			for prop, props := range map[string]tableProps{
				"RemovalPolicy":       {Table: existing, RemovalPolicy: awscdk.RemovalPolicy_DESTROY},
				"EncryptionKey":       {Table: existing, EncryptionKey: newKey(stack)},
				"PointInTimeRecovery": {Table: existing, PointInTimeRecovery: jsii.Bool(true)},
				"DeletionProtection":  {Table: existing, DeletionProtection: jsii.Bool(true)},
				"WarmThroughput":      {Table: existing, WarmThroughput: &awsdynamodb.WarmThroughput{}},
				"MaxReadUnits":        {Table: existing, MaxReadUnits: jsii.Number(1)},
				"MaxWriteUnits":       {Table: existing, MaxWriteUnits: jsii.Number(1)},
			} {
				expectPanic(t, `"T": `+prop+` has no effect on an existing table`, func() { test.make(newStack(t, nil), props) })
			}
		})
	}
}

func TestTableForProduction(t *testing.T) {
	for _, test := range tableTests {
		t.Run(test.name, func(t *testing.T) {
			stack := newStack(t, nil)
			test.make(stack, tableProps{
				DeletionProtection: jsii.Bool(true),
				WarmThroughput:     &awsdynamodb.WarmThroughput{ReadUnitsPerSecond: jsii.Number(50_000), WriteUnitsPerSecond: jsii.Number(20_000)},
				MaxReadUnits:       jsii.Number(60_000),
				MaxWriteUnits:      jsii.Number(30_000),
			})
			table := only(t, templateOf(stack), "AWS::DynamoDB::GlobalTable")
			expectProperty(t, table, "WarmThroughput", "map[ReadUnitsPerSecond:50000 WriteUnitsPerSecond:20000]")
			expectProperty(t, table, "WriteOnDemandThroughputSettings", "map[MaxWriteRequestUnits:30000]")
			replica := replicaOf(table)
			if replica["DeletionProtectionEnabled"] != true || fmt.Sprint(replica["ReadOnDemandThroughputSettings"]) != "map[MaxReadRequestUnits:60000]" {
				t.Errorf("the replica is %v", replica)
			}

			for want, props := range map[string]tableProps{
				"invalid WarmThroughput.ReadUnitsPerSecond ":  {WarmThroughput: &awsdynamodb.WarmThroughput{ReadUnitsPerSecond: jsii.Number(11_999)}},
				"invalid WarmThroughput.WriteUnitsPerSecond ": {WarmThroughput: &awsdynamodb.WarmThroughput{WriteUnitsPerSecond: jsii.Number(100)}},
				"invalid MaxReadUnits ":                       {MaxReadUnits: jsii.Number(0)},
				"invalid MaxWriteUnits ":                      {MaxWriteUnits: jsii.Number(1.5)},
			} {
				expectPanic(t, want, func() { test.make(newStack(t, nil), props) })
			}
		})
	}
}

func TestTableIsAConstruct(t *testing.T) {
	for _, test := range tableTests {
		t.Run(test.name, func(t *testing.T) {
			construct, _ := test.make(newStack(t, nil), tableProps{})
			expectConstruct(t, construct)
		})
	}
}

func TestTableGrantReadData(t *testing.T) {
	stack := newStack(t, nil)
	fn := NewGoFunction(stack, jsii.String("F"), &GoFunctionProps{Entry: jsii.String("example.com/f")}).Function
	connections, messages := NewConnectionTable(stack, jsii.String("Connections"), nil), NewMessageTable(stack, jsii.String("Messages"), nil)
	for _, grant := range []awsiam.Grant{connections.GrantReadData(fn), messages.GrantReadData(fn)} {
		if !*grant.Success() {
			t.Error("the grant had no effect")
		}
	}
	expectPanic(t, `GrantReadData "Stack/Connections": the grantee is missing`, func() { connections.GrantReadData(nil) })
	expectPanic(t, `GrantReadData "Stack/Messages": the grantee is missing`, func() { messages.GrantReadData(nil) })

	template := templateOf(stack)
	expectEnvironment(t, only(t, template, "AWS::Lambda::Function"))
	expectAllowed(t, template, "bootstrap", withLogs(slices.Concat(on("ConnectionsTable", readTable...), on("MessagesTable", readTable...)), "F")...)
}

// A table that exists is imported by its name or its ARN, with its key if it has
// one.
func TestTableImport(t *testing.T) {
	stack := newStackWithRegion(t)
	key := newKey(stack)
	byArn := &awsdynamodb.TableAttributesV2{TableArn: jsii.String("arn:aws:dynamodb:eu-west-1:123456789012:table/orders"), EncryptionKey: key}
	byName := jsii.String("orders")
	for name, table := range map[string]awsdynamodb.ITableV2{
		"connections by name": ConnectionTable_FromTableName(stack, jsii.String("CName"), byName).Table,
		"connections by ARN":  ConnectionTable_FromTableAttributes(stack, jsii.String("CArn"), byArn).Table,
		"messages by name":    MessageTable_FromTableName(stack, jsii.String("MName"), byName).Table,
		"messages by ARN":     MessageTable_FromTableAttributes(stack, jsii.String("MArn"), byArn).Table,
	} {
		if got := *table.TableName(); got != "orders" {
			t.Errorf("%s: the table is %q, want orders", name, got)
		}
	}
	imported := MessageTable_FromTableAttributes(stack, jsii.String("M"), byArn)
	expectConstruct(t, imported)
	imported.GrantReadData(shoutOf(stack))
	if got := allowed(t, templateOf(stack), "bootstrap"); !slices.Contains(got, "kms:Decrypt on Key") {
		t.Errorf("the function may %v, want to use the key", got)
	}

	for want, attrs := range map[string]*awsdynamodb.TableAttributesV2{
		`ConnectionTable_FromTableAttributes "C": the table is missing: pass its TableName or TableArn`: {},
		"TableName and TableArn exclude each other":                                                     {TableName: byName, TableArn: byArn.TableArn},
	} {
		expectPanic(t, want, func() { ConnectionTable_FromTableAttributes(newStack(t, nil), jsii.String("C"), attrs) })
	}
	expectPanic(t, `MessageTable_FromTableAttributes "M": the table is missing`, func() { MessageTable_FromTableName(newStack(t, nil), jsii.String("M"), nil) })
}

// newKey defines a key in KMS.
func newKey(scope constructs.Construct) awskms.Key {
	return awskms.NewKey(scope, jsii.String("Key"), nil)
}

// replicaOf returns what a table is in its own Region.
func replicaOf(table map[string]any) map[string]any {
	return properties(table)["Replicas"].([]any)[0].(map[string]any)
}

func TestTableCustom(t *testing.T) {
	for _, test := range tableTests {
		t.Run(test.name, func(t *testing.T) {
			anywhere := newStack(t, nil)
			expectPanic(t, "EncryptionKey needs a stack that names its Region", func() {
				test.make(anywhere, tableProps{EncryptionKey: newKey(anywhere)})
			})
			stack := newStackWithRegion(t)
			test.make(stack, tableProps{EncryptionKey: newKey(stack), PointInTimeRecovery: jsii.Bool(true)})
			table := only(t, templateOf(stack), "AWS::DynamoDB::GlobalTable")
			expectProperty(t, table, "SSESpecification", "map[SSEEnabled:true SSEType:KMS]")
			replica := replicaOf(table)
			if key := reference(replica["SSESpecification"].(map[string]any)["KMSMasterKeyId"]); key != "Key" {
				t.Errorf("the table is encrypted with %s, want Key", key)
			}
			if got := fmt.Sprint(replica["PointInTimeRecoverySpecification"]); got != "map[PointInTimeRecoveryEnabled:true]" {
				t.Errorf("the table keeps its changes: %s", got)
			}
		})
	}
}

// TestTableGrantToWithKey: a function may do with the key just what its calls
// on the table need, and through DynamoDB only.
func TestTableGrantToWithKey(t *testing.T) {
	stack := newStackWithRegion(t)
	key := newKey(stack)
	reader := NewGoFunction(stack, jsii.String("Reader"), &GoFunctionProps{Entry: jsii.String("example.com/f")}).Function
	writer := NewGoFunction(stack, jsii.String("Writer"), &GoFunctionProps{Entry: jsii.String("example.com/f")}).Function
	table := NewMessageTable(stack, jsii.String("Messages"), &MessageTableProps{EncryptionKey: key})
	grantTable(table.Table, reader, []string{"dynamodb:GetItem"})
	grantTable(table.Table, writer, []string{"dynamodb:PutItem"})

	policies := map[string][]string{}
	for _, policy := range all(templateOf(stack), "AWS::IAM::Policy") {
		role := reference(properties(policy)["Roles"].([]any)[0])
		for _, s := range properties(policy)["PolicyDocument"].(map[string]any)["Statement"].([]any) {
			statement := s.(map[string]any)
			if reference(statement["Resource"]) != "Key" {
				continue
			}
			via := statement["Condition"].(map[string]any)["StringEquals"].(map[string]any)["kms:ViaService"]
			if got := reference(via); got != "dynamodb.eu-west-1.amazonaws.com" {
				t.Errorf("%s may use the key through %s", role, got)
			}
			for _, action := range asList(statement["Action"]) {
				policies[role] = append(policies[role], action.(string))
			}
		}
	}
	for role, want := range map[string]string{
		"ReaderRole": "kms:Decrypt",
		"WriterRole": "kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo",
	} {
		slices.Sort(policies[role])
		if got := strings.Join(policies[role], " "); got != want {
			t.Errorf("%s may %s, want %s", role, got, want)
		}
	}
}
