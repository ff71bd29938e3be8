package plan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
)

// withNested plans a stack S whose template has a nested stack of this template.
func withNested(t *testing.T, outer, nested string) (*Plan, error) {
	t.Helper()
	dir := assemblytest.Write(t, map[string]string{"S": outer})
	for name, text := range map[string]string{
		"nested.json": nested,
		"assets.json": `{"files": {"code": {"source": {"path": "code"}}, "beef": {"source": {"path": "nested.json"}, "destinations": {"current": {"objectKey": "beef.json"}}}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	a, err := assembly.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return New(a)
}

const nestedResource = `"N": {"Type": "AWS::CloudFormation::Stack", "Properties": {
	"TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::Region"}, ".amazonaws.com/bucket/beef.json"]]},
	"Parameters": {"Front": {"Fn::GetAtt": ["Before", "QueueName"]}, "Names": "a, b"}}}`

// A nested stack gets values from the stack around it, and gives some back.
func TestNestedStack(t *testing.T) {
	t.Parallel()
	p, err := withNested(t,
		`{"Resources": {
			"After": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Join": ["-", [{"Fn::GetAtt": ["N", "Outputs.Name"]}, "after"]]}}},
			`+nestedResource+`,
			"Before": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "before"}}}}`,
		`{"Parameters": {"Front": {"Type": "String"}, "Names": {"Type": "CommaDelimitedList"}, "Own": {"Type": "String", "Default": "own"}},
		"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Metadata": {"aws:cdk:path": "S/N/Inner/Resource"},
			"Properties": {"QueueName": {"Fn::Join": ["-", [{"Ref": "Front"}, {"Fn::Select": [1, {"Ref": "Names"}]}, {"Ref": "Own"}]]}}},
			"Unnamed": {"Type": "AWS::SQS::Queue"}},
		"Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Q", "QueueName"]}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, q := range p.Queues {
		names[q.Label] = q.Name
	}
	for label, want := range map[string]string{"Before": "before", "N/Inner": "before-b-own", "After": "before-b-own-after"} {
		if names[label] != want {
			t.Errorf("the queue %s is called %q, want %q", label, names[label], want)
		}
	}
	if got := names["Unnamed"]; !strings.HasPrefix(got, "S-N-Unnamed-") {
		t.Errorf("a nested queue without a name is called %q", got)
	}
}

func TestNestedStackThatCannotRun(t *testing.T) {
	t.Parallel()
	outer := `{"Resources": {"Before": {"Type": "AWS::SQS::Queue"}, ` + nestedResource + `}}`
	for nested, want := range map[string]string{
		`{"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}`: "N (AWS::CloudFormation::Stack): B (AWS::S3::Bucket) does not run locally",
		`[]`: "N (AWS::CloudFormation::Stack): not a CloudFormation template",
		`{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Missing"}}}}}`: "unknown resource or parameter Missing",
	} {
		if _, err := withNested(t, outer, nested); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want in it %q", err, want)
		}
	}
	if _, err := tryPlan(t, `{"Before": {"Type": "AWS::SQS::Queue"}, `+nestedResource+`}`); err == nil || !strings.Contains(err.Error(), `its template: unknown object "beef.json"`) {
		t.Errorf("without its template: %v", err)
	}
}

// CDK hands values to stacks of other Regions through custom resources.
func TestCrossRegionReferences(t *testing.T) {
	t.Parallel()
	reader := func(name string) string {
		return `{"Resources": {"R": {"Type": "Custom::CrossRegionExportReader", "Properties": {"ReaderProps": {"imports": {"/cdk/exports/A/Name": "{{resolve:ssm:/cdk/exports/A/Name}}"}}}},
			"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::GetAtt": ["R", "` + name + `"]}}}}}`
	}
	const writer = `{"Resources": {"W": {"Type": "Custom::CrossRegionExportWriter", "Properties": {"WriterProps": {"region": "us-west-2",
		"exports": {"/cdk/exports/A/Name": {"Fn::GetAtt": ["Source", "QueueName"]}}}}}, "Source": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "written"}}}}`
	try := func(name string) (*Plan, error) {
		// The reading stack comes first: order must not matter.
		a, err := assembly.Open(assemblytest.Write(t, map[string]string{"A": reader(name), "B": writer}))
		if err != nil {
			t.Fatal(err)
		}
		return New(a)
	}
	p, err := try("/cdk/exports/A/Name")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, q := range p.Queues {
		if q.Name == "written" {
			named++
		}
	}
	if named != 2 {
		t.Errorf("%d queues are called as the other Region says, want 2", named)
	}
	if notes := p.Notes(); len(notes) > 0 {
		t.Errorf("notes are %q, want none", notes)
	}
	if _, err := try("/cdk/exports/A/Other"); err == nil || !strings.Contains(err.Error(), "has no attribute /cdk/exports/A/Other locally") {
		t.Errorf("a value that nobody writes: %v", err)
	}
}

// A function in a VPC runs, and it is said that the network is not emulated.
func TestFunctionInAVPC(t *testing.T) {
	t.Parallel()
	p := mustPlan(t, `{
		"Vpc": {"Type": "AWS::EC2::VPC"}, "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"AvailabilityZone": {"Fn::Cidr": []}}},
		"Group": {"Type": "AWS::EC2::SecurityGroup"},
		"F": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "h", "Code": {"S3Key": "code.zip"},
			"VpcConfig": {"SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}]}}}}`)
	if len(p.Functions) != 1 {
		t.Errorf("got %d functions, want 1", len(p.Functions))
	}
	notes := strings.Join(p.Notes(), "\n")
	if want := "not emulated: AWS::EC2::* (Vpc, Subnet, Group)\nnot emulated: VpcConfig of F (AWS::Lambda::Function)"; notes != want {
		t.Errorf("notes are:\n%s\nwant:\n%s", notes, want)
	}
}
