package architecture

import (
	"os/exec"
	"strings"
	"testing"
)

// What parts are kept from.
var (
	// The CDK starts a Node process: nothing that runs in a Lambda, in the
	// local cloud or in a user's tests should carry or wait for it.
	cdk = []string{"github.com/aws/aws-cdk-go/", "github.com/aws/jsii-runtime-go", "github.com/aws/constructs-go/"}
	// Only the laboratory's own command compiles the benches and the chaos run:
	// an app that imports Roomcast builds cmd/roomcast as a tool.
	lab = []string{"github.com/roomcast/roomcast/internal/lab/"}
	// What runs in the local cloud: its plan starts nothing.
	runs = []string{
		"github.com/roomcast/roomcast/internal/local/awsendpoint", "github.com/roomcast/roomcast/internal/local/engines",
		"github.com/roomcast/roomcast/internal/local/functions", "github.com/roomcast/roomcast/internal/local/gateway",
		"github.com/roomcast/roomcast/internal/local/queues", "github.com/roomcast/roomcast/internal/childproc",
	}
	// Synthesis talks to nobody.
	sdk = []string{"github.com/aws/aws-sdk-go-v2"}
)

// TestDependencies holds the dependency rule of docs/explanation/architecture.md.
func TestDependencies(t *testing.T) {
	t.Parallel()
	tests := []struct {
		packages  string // a pattern, from this module's path
		forbidden [][]string
	}{
		{"lambdas/...", [][]string{cdk}},
		{"publish", [][]string{cdk}},
		{"authorize", [][]string{cdk}},
		{"internal/realtime/...", [][]string{cdk, sdk}},
		{"internal/permission", [][]string{cdk, sdk}},
		{"internal/token", [][]string{cdk, sdk}},
		{"internal/frames", [][]string{cdk, sdk}},
		{"internal/routes", [][]string{cdk, sdk}},
		{"internal/settings", [][]string{cdk, sdk}},
		{"internal/gobuild", [][]string{cdk, sdk}},
		{"roomcastcdk", [][]string{sdk}},
		{"stacks", [][]string{sdk}},
		{"internal/local/...", [][]string{cdk, lab}},
		{"internal/local/plan", [][]string{runs}},
		{"cmd/roomcast", [][]string{cdk, lab}},
		{"cmd/roomcast-lab", [][]string{cdk}},
		{"roomcasttest", [][]string{cdk, lab}},
		{"roomcastclient", [][]string{cdk, sdk, lab}},
	}
	for _, test := range tests {
		t.Run(test.packages, func(t *testing.T) {
			t.Parallel()
			for _, dependency := range dependencies(t, test.packages) {
				for _, family := range test.forbidden {
					for _, prefix := range family {
						if strings.HasPrefix(dependency, prefix) {
							t.Errorf("%s depends on %s", test.packages, dependency)
						}
					}
				}
			}
		})
	}
}

// dependencies lists the import paths of these packages and of all they need.
func dependencies(t *testing.T, packages string) []string {
	t.Helper()
	var stderr strings.Builder
	cmd := exec.Command("go", "list", "-deps", "github.com/roomcast/roomcast/"+packages)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("list the dependencies of %s: %v\n%s", packages, err, stderr.String())
	}
	list := strings.Fields(string(out))
	if len(list) == 0 {
		t.Fatalf("there is no package %s", packages)
	}
	return list
}
