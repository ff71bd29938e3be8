package plan

import (
	"slices"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
)

// Functions that CDK deploys for its own custom resources do not prevent an app
// from running, whatever their language.
func TestCustomResourcesAreNotEmulated(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{
		"Layer": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": {"S3Key": "layer.zip"}}},
		"Provider": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.13", "Handler": "index.handler", "Code": {"S3Key": "provider.zip"}, "Layers": [{"Ref": "Layer"}]}},
		"Deployment": {"Type": "Custom::CDKBucketDeployment", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]}}},
		"Resource": {"Type": "AWS::CloudFormation::CustomResource", "Properties": {"ServiceToken": {"Fn::GetAtt": ["Provider", "Arn"]}}}
	}`)
	if len(p.Functions) != 0 {
		t.Errorf("functions %v are to run", p.Functions)
	}
	notes := p.Notes()
	for _, want := range []string{
		"not emulated: AWS::Lambda::Function (Provider)",
		"not emulated: AWS::Lambda::LayerVersion (Layer)",
		"not emulated: Custom::CDKBucketDeployment (Deployment)",
		"not emulated: AWS::CloudFormation::CustomResource (Resource)",
	} {
		if !slices.Contains(notes, want) {
			t.Errorf("the notes lack %q: %q", want, notes)
		}
	}
}

// Properties of functions and tables that have no effect here are listed at start,
// except for those that make no difference.
func TestNotesOfFunctions(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{
		"F": {"Type": "AWS::Lambda::Function", "Properties": {`+assemblytest.Inline(`async () => 1`)+`, "Architectures": ["x86_64"],
			"RecursiveLoop": "Allow", "TracingConfig": {"Mode": "Active"}, "KmsKeyArn": "arn:aws:kms:us-east-1:1:key/k"}},
		"Once": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {"FunctionName": {"Ref": "F"}, "Qualifier": "$LATEST",
			"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}},
		"Twice": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {"FunctionName": {"Ref": "F"}, "Qualifier": "$LATEST",
			"MaximumRetryAttempts": "1", "DestinationConfig": {}}},
		"T": {"Type": "AWS::DynamoDB::GlobalTable", "Properties": {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
			"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "WriteOnDemandThroughputSettings": {"MaxWriteRequestUnits": 1}}}
	}`)
	want := []string{
		"not emulated: KmsKeyArn, TracingConfig of F (AWS::Lambda::Function)",
		"not emulated: DestinationConfig, MaximumRetryAttempts of Twice (AWS::Lambda::EventInvokeConfig)",
		"not emulated: WriteOnDemandThroughputSettings of T (AWS::DynamoDB::GlobalTable)",
	}
	if got := p.Notes(); !slices.Equal(got, want) {
		t.Errorf("the notes are %q, want %q", got, want)
	}
}
