package roomcastcdk

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/interfaces"
	"github.com/aws/constructs-go/constructs/v10"
)

// elsewhere describes a difference between the account or Region of a resource and
// those of a ChatApi, if both are known.
func elsewhere(api constructs.IConstruct, there *interfaces.ResourceEnvironment) string {
	here := awscdk.Stack_Of(api)
	for _, place := range []struct {
		name        string
		there, here *string
	}{
		{"account", there.Account, here.Account()},
		{"Region", there.Region, here.Region()},
	} {
		if differ(place.there, place.here) {
			return fmt.Sprintf("%s (%s) than the ChatApi (%s)", place.name, *place.there, *place.here)
		}
	}
	return ""
}

// differ reports whether two accounts or Regions are known and differ.
func differ(one, other *string) bool {
	return one != nil && other != nil && !*awscdk.Token_IsUnresolved(*one) && !*awscdk.Token_IsUnresolved(*other) && *one != *other
}

// mustBeNear refuses a table of another account or Region: the functions look for
// it by its name in their own.
func (c *ChatApi) mustBeNear(s subject, prop string, there *interfaces.ResourceEnvironment) {
	if difference := elsewhere(c, there); difference != "" {
		s.fail("%s is in another %s: pass a table of the ChatApi's account and Region, or leave it out to get a new one", prop, difference)
	}
}

// mustPublishFor refuses to publish from a function of another account or Region:
// it would look for the tables in its own.
func (s subject) mustPublishFor(api constructs.IConstruct, fn awslambda.Function) {
	if difference := elsewhere(api, fn.Env()); difference != "" {
		s.fail("the function %q is deployed to another %s: define it in a stack of the same account and Region", *fn.Node().Path(), difference)
	}
}

// mustHaveGrantee refuses a grant to nobody, to a principal of another account, and
// to one that has no policy to add the permissions to.
func (s subject) mustHaveGrantee(api constructs.IConstruct, grantee awsiam.IGrantable) {
	s.mustName(grantee)
	principal := grantee.GrantPrincipal()
	if account := principal.PrincipalAccount(); differ(account, awscdk.Stack_Of(api).Account()) {
		s.fail("the grantee is of another account (%s) than the ChatApi (%s): pass a role of the ChatApi's account, and let the other account assume it",
			*account, *awscdk.Stack_Of(api).Account())
	}
	if bare, ok := principal.(awsiam.PrincipalBase); ok {
		s.fail("the grantee %s has no policy that the permissions could be added to: pass a function, role, user or group, or a role by Role_FromRoleArn", *bare.ToString())
	}
}

// mustName refuses a grant to nobody.
func (s subject) mustName(grantee awsiam.IGrantable) {
	if grantee == nil {
		s.fail("the grantee is missing: pass a function, a role or another principal")
	}
}
