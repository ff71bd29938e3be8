// Package template parses a CloudFormation template (JSON, as CDK writes it)
// and resolves what CloudFormation would resolve at deployment: Ref,
// Fn::GetAtt, Fn::Sub and the other intrinsic functions, conditions,
// parameters with defaults and pseudo parameters.
//
// It knows no resource type. What a Ref or an attribute of a resource is, the
// caller says through Scope.Attribute.
package template
