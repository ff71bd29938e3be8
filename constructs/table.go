package constructs

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newTable makes a table as both tables of Roomcast are: strings pk and sk for
// a key, paid for by the request, expiring by ttl, encrypted with a key that
// DynamoDB owns (a key in KMS would add a charge and a throttle of its own).
func newTable(scope constructs.Construct, removal awscdk.RemovalPolicy) awsdynamodb.TableV2 {
	return awsdynamodb.NewTableV2(scope, jsii.String("Table"), &awsdynamodb.TablePropsV2{
		PartitionKey:        &awsdynamodb.Attribute{Name: jsii.String("pk"), Type: awsdynamodb.AttributeType_STRING},
		SortKey:             &awsdynamodb.Attribute{Name: jsii.String("sk"), Type: awsdynamodb.AttributeType_STRING},
		Billing:             awsdynamodb.Billing_OnDemand(nil),
		TimeToLiveAttribute: jsii.String("ttl"),
		Encryption:          awsdynamodb.TableEncryptionV2_DynamoOwnedKey(),
		RemovalPolicy:       removal,
	})
}

// grantTable permits fn the named calls and tells it the table's name.
func grantTable(table awsdynamodb.ITableV2, variable string, fn awslambda.Function, actions []string) awsiam.Grant {
	fn.AddEnvironment(jsii.String(variable), table.TableName(), nil)
	// An existing table may have a key of its own in KMS, which Grant leaves out.
	if key := table.EncryptionKey(); key != nil {
		key.GrantEncryptDecrypt(fn)
	}
	return table.Grant(fn, *jsii.Strings(actions...)...)
}

// mustBeOneTable refuses props that describe a new table and name an existing
// one at once.
func mustBeOneTable(s subject, existing awsdynamodb.ITableV2, removal awscdk.RemovalPolicy) {
	if existing != nil && removal != "" {
		s.fail("RemovalPolicy %s has no effect on an existing table: set it where the table is defined, or leave Table out to get a new one", removal)
	}
}
