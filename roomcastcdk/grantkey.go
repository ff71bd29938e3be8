package roomcastcdk

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// grantKey permits a principal these calls on a key, through the named service
// only: the principal cannot use the key for anything else. CDK's own grants
// would permit calls by wildcard. encrypted is the resource that the key
// encrypts. The key's policy must leave access to the account's IAM policies, as
// the policy that CDK makes does.
func grantKey(key awskms.IKey, encrypted constructs.IConstruct, grantee awsiam.IGrantable, service string, actions ...string) awsiam.Grant {
	region := *awscdk.Stack_Of(encrypted).Region()
	host := service + "." + region + ".amazonaws.com"
	var hosts any = host
	if strings.HasPrefix(region, "cn-") {
		// AWS does not document which of its domains appears there.
		hosts = []string{host, host + ".cn"}
	}
	return awsiam.Grant_AddToPrincipal(&awsiam.GrantOnPrincipalOptions{
		Grantee:      grantee,
		Actions:      jsii.Strings(actions...),
		ResourceArns: &[]*string{key.KeyArn()},
		Conditions:   &map[string]*map[string]any{"StringEquals": {"kms:ViaService": hosts}},
	})
}
