package roomcastcdk

import (
	"encoding/json"
	"errors"
	"regexp"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/internal/gobuild"
)

func TestGoFunctionDefault(t *testing.T) {
	stack := newStack(t, nil)
	f := NewGoFunction(stack, jsii.String("Shout"), &GoFunctionProps{Entry: jsii.String("lambdas/shout")})
	template := templateOf(stack)

	if asked.entry != "lambdas/shout" || asked.target != gobuild.Lambda("arm64") {
		t.Errorf("built %s for %s", asked.entry, asked.target)
	}
	function := only(t, template, "AWS::Lambda::Function")
	expectProperty(t, function, "Runtime", "provided.al2023")
	expectProperty(t, function, "Handler", "bootstrap")
	expectProperty(t, function, "Architectures", "[arm64]")
	expectProperty(t, function, "Timeout", "10")
	expectProperty(t, function, "MemorySize", "256")
	expectEnvironment(t, function)
	expectProperty(t, only(t, template, "AWS::Logs::LogGroup"), "RetentionInDays", "30")
	expectProperty(t, only(t, template, "AWS::IAM::Role"), "ManagedPolicyArns", "<nil>")
	expectAllowed(t, template, "bootstrap", "logs:CreateLogStream on ShoutLogs", "logs:PutLogEvents on ShoutLogs")
	expectConstruct(t, f)
}

func TestGoFunctionCustom(t *testing.T) {
	stack := newStack(t, nil)
	f := NewGoFunction(stack, jsii.String("Shout"), &GoFunctionProps{
		Entry:        jsii.String("example.com/app/shout"),
		Environment:  &map[string]*string{"VOLUME": jsii.String("11")},
		Timeout:      awscdk.Duration_Seconds(jsii.Number(3)),
		MemorySize:   jsii.Number(1024),
		Architecture: awslambda.Architecture_X86_64(),
		LogRetention: awslogs.RetentionDays_ONE_WEEK,
	})
	f.AddEnvironment(jsii.String("TONE"), jsii.String("high"))
	template := templateOf(stack)

	if asked.target != gobuild.Lambda("amd64") {
		t.Errorf("built for %s, want linux/amd64", asked.target)
	}
	function := only(t, template, "AWS::Lambda::Function")
	expectProperty(t, function, "Architectures", "[x86_64]")
	expectProperty(t, function, "Timeout", "3")
	expectProperty(t, function, "MemorySize", "1024")
	expectEnvironment(t, function, "TONE", "VOLUME")
	expectProperty(t, only(t, template, "AWS::Logs::LogGroup"), "RetentionInDays", "7")
}

func TestGoFunctionTarget(t *testing.T) {
	props := &GoFunctionProps{Entry: jsii.String("shout")}
	stack := newStack(t, map[string]any{"roomcast:target": "host"})
	NewGoFunction(stack, jsii.String("Shout"), props)
	if asked.target != gobuild.Host() {
		t.Errorf("built for %s, want %s", asked.target, gobuild.Host())
	}
	// The template says what is deployed, whatever a local run builds.
	expectProperty(t, only(t, templateOf(stack), "AWS::Lambda::Function"), "Architectures", "[arm64]")

	NewGoFunction(newStack(t, map[string]any{"roomcast:target": "lambda"}), jsii.String("Shout"), props)
	if asked.target != gobuild.Lambda("arm64") {
		t.Errorf("built for %s, want linux/arm64", asked.target)
	}
	expectPanic(t, `invalid context value roomcast:target "laptop": expected "lambda", "host" or "none"`, func() {
		NewGoFunction(newStack(t, map[string]any{"roomcast:target": "laptop"}), jsii.String("Shout"), props)
	})
}

func TestGoFunctionInvalid(t *testing.T) {
	entry := jsii.String("shout")
	tests := []struct {
		name  string
		props *GoFunctionProps
		want  string
	}{
		{"no props", nil, `roomcastcdk: NewGoFunction "F": Entry is missing`},
		{"empty entry", &GoFunctionProps{Entry: jsii.String("")}, "Entry is missing"},
		{"too long", &GoFunctionProps{Entry: entry, Timeout: awscdk.Duration_Minutes(jsii.Number(16))}, "invalid Timeout of 960 seconds: expected 1 to 900 seconds"},
		{"too small", &GoFunctionProps{Entry: entry, MemorySize: jsii.Number(64)}, "invalid MemorySize 64: expected a whole number from 128 to 10240"},
		{"half a megabyte", &GoFunctionProps{Entry: entry, MemorySize: jsii.Number(128.5)}, "invalid MemorySize 128.5"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expectPanic(t, test.want, func() { NewGoFunction(newStack(t, nil), jsii.String("F"), test.props) })
		})
	}
}

func TestGoFunctionThatDoesNotCompile(t *testing.T) {
	build := builders.program
	t.Cleanup(func() { builders.program = build })
	builders.program = func(string, gobuild.Target) (string, error) { return "", errors.New("undefined: shout") }
	expectPanic(t, `NewGoFunction "F": undefined: shout`, func() {
		NewGoFunction(newStack(t, nil), jsii.String("F"), &GoFunctionProps{Entry: jsii.String("shout")})
	})
}

// Nothing is built for a test that looks at the template only, which is the
// same but for the assets.
func TestTargetNone(t *testing.T) {
	define := func(target string) string {
		stack := newStack(t, map[string]any{"roomcast:target": target})
		newChat(stack)
		NewGoFunction(stack, jsii.String("Shout"), &GoFunctionProps{Entry: jsii.String("shout")})
		text, err := json.Marshal(templateOf(stack).ToJSON())
		if err != nil {
			t.Fatal(err)
		}
		return regexp.MustCompile("[0-9a-f]{64}").ReplaceAllString(string(text), "")
	}
	built := define("lambda")
	asked.entry, asked.target = "", gobuild.Target{}
	if unbuilt := define("none"); unbuilt != built {
		t.Error("the template differs in more than its assets")
	}
	if asked.entry != "" || asked.target != (gobuild.Target{}) {
		t.Errorf("built %s for %s", asked.entry, asked.target)
	}
}
