package roomcastcdk

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
)

// invokePermission is the id that CDK gives the permission to invoke the
// function of a route.
const invokePermission = "Integration-Permission"

// unclear is the id of CDK's warning that it does not add a permission to an
// imported function, because it does not know whether it can.
const unclear = "UnclearLambdaEnvironment"

// mustReach refuses a function of the app that is deployed elsewhere.
func (c *ChatApi) mustReach(s subject, fn awslambda.IFunction) {
	if !*awscdk.Resource_IsOwnedResource(fn) {
		return
	}
	if difference := elsewhere(c, fn.Env()); difference != "" {
		s.fail("the function %q is deployed to another %s: define it in a stack of the same account and Region", *fn.Node().Path(), difference)
	}
	c.needs(s, fn)
}

// permitImported lets API Gateway invoke an imported function. CDK does so only
// if it knows that the function is of the stack's account; otherwise it warns
// and leaves a route that answers every frame with an error.
func (c *ChatApi) permitImported(s subject, route awsapigatewayv2.WebSocketRoute, fn awslambda.IFunction) {
	if *awscdk.Resource_IsOwnedResource(fn) {
		return
	}
	permitted := route.Node().TryFindChild(jsii.String(invokePermission)) != nil
	use := useOf(fn)
	use.imported = use.imported || warnedOf(fn)
	if !permitted && !use.imported {
		return // imported with SkipPermissions
	}
	if difference := elsewhere(c, fn.Env()); difference != "" {
		s.fail("the function %s is of another %s, where this stack cannot let API Gateway invoke it: permit it there, by the AWS CLI's "+
			"`aws lambda add-permission --principal apigateway.amazonaws.com`, and import it by Function_FromFunctionAttributes with SkipPermissions",
			*fn.FunctionArn(), difference)
	}
	if permitted {
		return
	}
	awscdk.Annotations_Of(fn).AcknowledgeWarning(jsii.String(unclear), nil)
	awslambda.NewCfnPermission(route, jsii.String(invokePermission), &awslambda.CfnPermissionProps{
		Action:       jsii.String("lambda:InvokeFunction"),
		FunctionName: fn.FunctionArn(),
		Principal:    jsii.String("apigateway.amazonaws.com"),
		SourceArn: awscdk.Stack_Of(c).FormatArn(&awscdk.ArnComponents{
			Service:      jsii.String("execute-api"),
			Resource:     c.Api.ApiId(),
			ResourceName: jsii.String("*" + *route.RouteKey()),
		}),
	})
}

// warnedOf reports whether CDK has warned that it adds no permission to fn.
func warnedOf(fn awslambda.IFunction) bool {
	for _, entry := range *fn.Node().Metadata() {
		if text, ok := entry.Data.(string); ok && *entry.Type == "aws:cdk:warning" && strings.Contains(text, unclear) {
			return true
		}
	}
	return false
}
