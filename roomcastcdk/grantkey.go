package roomcastcdk

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// grantKey permits fn these calls on a key, through the named service only: the
// function cannot use the key for anything else. CDK's own grants would permit
// calls by wildcard. The key's policy has to leave it to the account's policies
// who may use it, as the policy that CDK makes does.
func grantKey(key awskms.IKey, fn awslambda.Function, service string, actions ...string) {
	region := *awscdk.Stack_Of(fn).Region()
	host := service + "." + region + ".amazonaws.com"
	var hosts any = host
	if strings.HasPrefix(region, "cn-") {
		// AWS does not say which of its domains it writes there.
		hosts = []string{host, host + ".cn"}
	}
	fn.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:    jsii.Strings(actions...),
		Resources:  &[]*string{key.KeyArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"kms:ViaService": hosts}},
	}))
}
