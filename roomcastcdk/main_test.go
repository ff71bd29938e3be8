package roomcastcdk

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/gobuild"
)

// The tests of this package share one jsii kernel, which serves one caller at
// a time: none of them may run in parallel.

// asked is what the builders were last asked to build.
var asked struct {
	entry  string
	target gobuild.Target
}

func TestMain(m *testing.M) {
	const folder = "testdata/bootstrap"
	builders.handlers = func(target gobuild.Target) (string, error) {
		asked.target = target
		return folder, nil
	}
	builders.program = func(entry string, target gobuild.Target) (string, error) {
		asked.entry, asked.target = entry, target
		return folder, nil
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

// newStack returns an empty stack of an app with this context, which may be
// nil. A template that CloudFormation would refuse fails its synthesis.
func newStack(t *testing.T, context map[string]any) awscdk.Stack {
	t.Helper()
	return newStackOf(t, context, nil)
}

// newStackWithRegion returns an empty stack that names its Region, as a table
// with a KMS key requires.
func newStackWithRegion(t *testing.T) awscdk.Stack {
	t.Helper()
	return newStackOf(t, nil, &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("eu-west-1")}})
}

func newStackOf(t *testing.T, context map[string]any, props *awscdk.StackProps) awscdk.Stack {
	t.Helper()
	context = maps.Clone(context)
	if context == nil {
		context = map[string]any{}
	}
	context["@aws-cdk/core:validateAgainstDefaultRules"] = true
	app := awscdk.NewApp(&awscdk.AppProps{Context: &context, Outdir: jsii.String(t.TempDir())})
	return awscdk.NewStack(app, jsii.String("Stack"), props)
}

func templateOf(stack awscdk.Stack) assertions.Template {
	return assertions.Template_FromStack(stack, nil)
}

func expectPanic(t *testing.T, want string, f func()) {
	t.Helper()
	if got := fmt.Sprint(panicOf(f)); !strings.Contains(got, want) {
		t.Errorf("panicked with %q, want %q in it", got, want)
	}
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// expectConstruct checks that CDK takes the construct itself for one: a struct
// that merely embeds a construct is not.
func expectConstruct(t *testing.T, construct constructs.Construct) {
	t.Helper()
	awscdk.Tags_Of(construct).Add(jsii.String("team"), jsii.String("chat"), nil)
	child := constructs.NewConstruct(construct, jsii.String("Child"))
	if got := child.Node().Scope(); got != construct {
		t.Errorf("the scope of its child is %T %v, want the construct itself", got, got)
	}
}

// only returns the one resource of this type, and fails if there are others.
func only(t *testing.T, template assertions.Template, resourceType string) map[string]any {
	t.Helper()
	found := all(template, resourceType)
	if len(found) != 1 {
		t.Fatalf("got %d resources of type %s, want one", len(found), resourceType)
	}
	for _, resource := range found {
		return resource
	}
	return nil
}

// resource returns the one of this type whose logical id, without its hash, is
// id.
func resource(t *testing.T, template assertions.Template, resourceType, id string) map[string]any {
	t.Helper()
	for name, found := range all(template, resourceType) {
		if hash.ReplaceAllString(name, "") == id {
			return found
		}
	}
	t.Fatalf("there is no %s of type %s", id, resourceType)
	return nil
}

// all returns the resources of this type by logical id.
func all(template assertions.Template, resourceType string) map[string]map[string]any {
	found := map[string]map[string]any{}
	resources, _ := (*template.ToJSON())["Resources"].(map[string]any)
	for id, resource := range resources {
		if r := resource.(map[string]any); r["Type"] == resourceType {
			found[id] = r
		}
	}
	return found
}

// properties of a resource.
func properties(resource map[string]any) map[string]any {
	p, _ := resource["Properties"].(map[string]any)
	return p
}

// expectProperty compares one property as Go prints it: that tells numbers and
// strings apart well enough and spares a type for each.
func expectProperty(t *testing.T, resource map[string]any, name, want string) {
	t.Helper()
	if got := fmt.Sprint(properties(resource)[name]); got != want {
		t.Errorf("%s of a %s is %s, want %s", name, resource["Type"], got, want)
	}
}
