// Package template parses a CloudFormation template (JSON, as CDK writes it) and
// resolves what CloudFormation resolves at deployment: Ref, Fn::GetAtt, Fn::Sub and
// the other intrinsic functions, conditions, parameters with defaults and pseudo
// parameters.
//
// It knows no resource types. The caller provides the values of Ref and of
// attributes through Scope.Attribute.
package template
