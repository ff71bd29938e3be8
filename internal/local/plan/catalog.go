package plan

import (
	"fmt"
	"slices"
	"strings"
)

// kinds has the resource types that run. The method of Plan reads the resolved
// properties, sets the resource's attributes, and returns the names of the
// properties that it did not use.
var kinds = map[string]runnable{
	"AWS::ApiGatewayV2::Api":                      {(*Plan).addAPI, []string{"Name", "Description", "Tags"}},
	"AWS::ApiGatewayV2::Authorizer":               {(*Plan).addAuthorizer, []string{"Name"}},
	"AWS::ApiGatewayV2::Deployment":               {(*Plan).addNothing, []string{"ApiId", "Description", "StageName"}},
	"AWS::ApiGatewayV2::Integration":              {(*Plan).addIntegration, []string{"Description", "CredentialsArn", "IntegrationMethod", "PassthroughBehavior", "PayloadFormatVersion", "ConnectionType"}},
	"AWS::ApiGatewayV2::Route":                    {(*Plan).addRoute, []string{"OperationName"}},
	"AWS::ApiGatewayV2::RouteResponse":            {(*Plan).addRouteResponse, nil},
	"AWS::ApiGatewayV2::Stage":                    {(*Plan).addStage, []string{"AutoDeploy", "DeploymentId", "Description", "Tags"}},
	"AWS::DynamoDB::GlobalTable":                  {(*Plan).addTable, append([]string{"Replicas", "WriteProvisionedThroughputSettings", "GlobalTableSourceArn"}, tableQuiet...)},
	"AWS::DynamoDB::Table":                        {(*Plan).addTable, append([]string{"ProvisionedThroughput", "TableClass"}, tableQuiet...)},
	"AWS::Events::Rule":                           {(*Plan).addRule, []string{"Description", "Tags"}},
	"AWS::IAM::ManagedPolicy":                     {(*Plan).addManagedPolicy, nil},
	"AWS::IAM::Policy":                            {(*Plan).addPolicy, nil},
	"AWS::IAM::Role":                              {(*Plan).addRole, nil},
	"AWS::Lambda::EventInvokeConfig":              {(*Plan).addEventInvokeConfig, []string{"Qualifier", "MaximumEventAgeInSeconds"}},
	"AWS::Lambda::EventSourceMapping":             {(*Plan).addEventSource, []string{"Tags"}},
	"AWS::Lambda::Function":                       {(*Plan).addFunction, []string{"Description", "Tags", "RecursiveLoop", "RuntimeManagementConfig", "EphemeralStorage", "SnapStart"}},
	"AWS::Lambda::Permission":                     {(*Plan).addPermission, nil},
	"AWS::Logs::LogGroup":                         {(*Plan).addLogGroup, []string{"RetentionInDays", "KmsKeyId", "LogGroupClass", "DataProtectionPolicy", "FieldIndexPolicies", "DeletionProtectionEnabled", "Tags"}},
	"AWS::SecretsManager::ResourcePolicy":         {(*Plan).addSecretCompanion, nil},
	"AWS::SecretsManager::RotationSchedule":       {(*Plan).addSecretCompanion, nil},
	"AWS::SecretsManager::Secret":                 {(*Plan).addSecret, nil},
	"AWS::SecretsManager::SecretTargetAttachment": {(*Plan).addSecretCompanion, nil},
	"AWS::SSM::Parameter":                         {(*Plan).addSSMParameter, []string{"Description", "Tags", "Tier"}},
	"AWS::SQS::Queue":                             {(*Plan).addQueue, []string{"Tags", "SqsManagedSseEnabled", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds"}},
}

// runnable is how a resource type runs.
type runnable struct {
	plan func(*Plan, *Resource, map[string]any) (ignored []string, err error)
	// quiet has properties that do not affect a local run. Plan.Notes does not list
	// them.
	quiet []string
}

// addNestedStack uses kinds, so it cannot be part of the literal above.
func init() {
	kinds["AWS::CloudFormation::Stack"] = runnable{(*Plan).addNestedStack, []string{"NotificationARNs", "Tags", "TimeoutInMinutes"}}
}

var tableQuiet = []string{"BillingMode", "SSESpecification", "PointInTimeRecoverySpecification", "DeletionProtectionEnabled", "ContributorInsightsSpecification", "Tags", "WarmThroughput"}

// accepted has the types that a stack works without. A name that ends in "::"
// accepts all types of a service. Accepted resources are listed and not emulated.
var accepted = []string{
	"AWS::ApiGatewayV2::ApiMapping",
	"AWS::ApiGatewayV2::DomainName",
	"AWS::ApiGatewayV2::IntegrationResponse",
	"AWS::ApplicationAutoScaling::",
	"AWS::Budgets::",
	"AWS::CDK::Metadata",
	"AWS::CertificateManager::",
	"AWS::CloudFormation::CustomResource",
	"AWS::CloudWatch::",
	"AWS::EC2::DHCPOptions",
	"AWS::EC2::EIP",
	"AWS::EC2::EgressOnlyInternetGateway",
	"AWS::EC2::FlowLog",
	"AWS::EC2::InternetGateway",
	"AWS::EC2::NatGateway",
	"AWS::EC2::NetworkAcl",
	"AWS::EC2::NetworkAclEntry",
	"AWS::EC2::PrefixList",
	"AWS::EC2::Route",
	"AWS::EC2::RouteTable",
	"AWS::EC2::SecurityGroup",
	"AWS::EC2::SecurityGroupEgress",
	"AWS::EC2::SecurityGroupIngress",
	"AWS::EC2::Subnet",
	"AWS::EC2::SubnetNetworkAclAssociation",
	"AWS::EC2::SubnetRouteTableAssociation",
	"AWS::EC2::VPC",
	"AWS::EC2::VPCCidrBlock",
	"AWS::EC2::VPCDHCPOptionsAssociation",
	"AWS::EC2::VPCEndpoint",
	"AWS::EC2::VPCGatewayAttachment",
	"AWS::KMS::",
	"AWS::Lambda::LayerVersion", // a function with a layer is refused if something calls it
	"AWS::Logs::",
	"AWS::Oam::",
	"AWS::ResourceGroups::",
	"AWS::Route53::",
	"AWS::SNS::Subscription",
	"AWS::SNS::Topic",
	"AWS::SNS::TopicPolicy",
	"AWS::SQS::QueueInlinePolicy",
	"AWS::SQS::QueuePolicy",
	"AWS::XRay::",
	"Custom::",
}

// network is the prefix of the accepted EC2 types. Functions run outside any
// network, so traffic that a network blocks on AWS succeeds here.
const network = "AWS::EC2::"

// remedies has advice for the types that people are likely to use. Other types get
// generalRemedy.
var remedies = map[string]string{
	"AWS::ApiGateway::RestApi":  "define it in another app; only WebSocket APIs run locally",
	"AWS::Lambda::Alias":        "use the function itself instead of the alias",
	"AWS::Lambda::Url":          "call the function through a route of the WebSocket API",
	"AWS::Lambda::Version":      "use the function itself instead of the version",
	"AWS::Serverless::Function": "define it as AWS::Lambda::Function; a local run does not process the SAM transform",
}

// outsideRemedy is the advice for resources that the app refers to but does not
// define, such as a function imported by name.
const outsideRemedy = "define it in the app, or leave out its users in a local run, for example by a context value"

const generalRemedy = "leave it out in a local run, for example by a context value"

// refusals returns an error for each resource of the stack that neither runs nor is
// accepted, in the order of the template.
func (s *Stack) refusals() []error {
	existing, err := s.resolver.Resources()
	if err != nil {
		return []error{err}
	}
	var refused []error
	for _, r := range existing {
		if _, runs := kinds[r.Type]; runs || isAccepted(r.Type) {
			continue
		}
		remedy := remedies[r.Type]
		if remedy == "" {
			remedy = generalRemedy
		}
		refused = append(refused, fmt.Errorf("%s does not run locally: %s", s.resources[r.LogicalID], remedy))
	}
	return refused
}

func isAccepted(kind string) bool {
	return slices.ContainsFunc(accepted, func(name string) bool {
		return kind == name || strings.HasSuffix(name, "::") && strings.HasPrefix(kind, name)
	})
}

// add plans one resource. The order of the plan guarantees that everything its
// properties refer to was added before.
func (p *Plan) add(r *Resource) error {
	kind, runs := kinds[r.kind]
	if !runs {
		// Its properties stay unread: they may contain references that do not
		// resolve.
		name := r.name("", 128)
		r.refer(name, ARN(service(r.kind), name))
		if r.kind == "AWS::SNS::Topic" {
			r.refer(ARN("sns", name), "")
			r.attributes["TopicArn"] = ARN("sns", name)
		}
		p.accepted = append(p.accepted, r)
		return nil
	}
	properties, err := r.stack.resolver.Properties(r.LogicalID)
	if err != nil {
		return err
	}
	p.secretValues = nil
	for name, value := range properties {
		// Values from other services are passed on unchanged.
		value = environmentOf(r.stack.Stack).localize(value)
		if properties[name], err = p.dereference(value); err != nil {
			return fmt.Errorf("%s: %s: %w", r, name, err)
		}
	}
	ignored, err := kind.plan(p, r, properties)
	if err != nil {
		return fmt.Errorf("%s: %w", r, p.redact(err))
	}
	ignored = slices.DeleteFunc(ignored, func(name string) bool { return slices.Contains(kind.quiet, name) })
	if len(ignored) > 0 {
		p.ignored = append(p.ignored, fmt.Sprintf("not emulated: %s of %s", strings.Join(ignored, ", "), r))
	}
	return nil
}

// addNothing plans a type that does not affect how a stack runs.
func (p *Plan) addNothing(r *Resource, properties map[string]any) ([]string, error) {
	r.refer(shortID(6, r.stack.Name, r.LogicalID), "")
	return decode(properties, &struct{}{})
}

// service returns the service of a type as ARNs name it: "AWS::SNS::Topic" is
// "sns".
func service(kind string) string {
	parts := strings.Split(kind, "::")
	if len(parts) < 3 {
		return strings.ToLower(kind)
	}
	return strings.ToLower(parts[1])
}
