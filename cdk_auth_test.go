package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
	"github.com/roomcast/roomcast/stacks"
)

// open is the context for a stack with open authentication.
var open = map[string]any{"roomcast:auth": "open"}

// TestOpenAuth: an app that requests open authentication gets a stack that
// differs only in what tokens need.
func TestOpenAuth(t *testing.T) {
	tokens, opened := parse(t, synthesize(t, context(t, nil))), parse(t, synthesize(t, context(t, open)))
	env := func(of template) any {
		for _, function := range of.of("AWS::Lambda::Function") {
			if function.Properties["Handler"] == "session" {
				return function.Properties["Environment"].(map[string]any)["Variables"].(map[string]any)["ROOMCAST_AUTH"]
			}
		}
		return nil
	}
	if got := fmt.Sprintf("%v %v", env(tokens), env(opened)); got != "token open" {
		t.Errorf("the connect functions have %s, want token and open", got)
	}
	var more []string
	for id, r := range tokens.Resources {
		if _, ok := opened.Resources[id]; !ok {
			more = append(more, strings.TrimPrefix(r.Type, "AWS::")+" "+logicalHash.ReplaceAllString(id, ""))
		}
	}
	slices.Sort(more)
	want := []string{
		"ApiGatewayV2::Authorizer ChatAuthorizer",
		"ApiGatewayV2::Integration ChatApirefreshRouteIntegration",
		"ApiGatewayV2::Route ChatApirefreshRoute",
		"ApiGatewayV2::RouteResponse ChatApirefreshRouteResponse",
		"Events::Rule ChatExpiryRule",
		"IAM::Policy AuthRoleDefaultPolicy",
		"IAM::Policy ChatExpiryRoleDefaultPolicy",
		"IAM::Role AuthRole",
		"IAM::Role ChatExpiryRole",
		"Lambda::EventInvokeConfig ChatExpiryFunctionEventInvokeConfig",
		"Lambda::Function AuthFunction",
		"Lambda::Function ChatExpiryFunction",
		"Lambda::Permission AuthFunctionAuthorize",
		"Lambda::Permission ChatApirefreshRouteIntegrationPermission",
		"Lambda::Permission ChatExpiryFunctionSchedule",
		"Logs::LogGroup AuthLogs",
		"Logs::LogGroup ChatExpiryLogs",
		"Logs::MetricFilter AuthErrors",
		"Logs::MetricFilter ChatExpiryErrors",
		"SecretsManager::Secret AuthSecret",
	}
	if !slices.Equal(more, want) {
		t.Errorf("tokens need\n  %s\nwant\n  %s", strings.Join(more, "\n  "), strings.Join(want, "\n  "))
	}
	for id := range opened.Resources {
		if _, ok := tokens.Resources[id]; !ok {
			t.Errorf("only the open stack has %s", id)
		}
	}
	if opened.Outputs["AuthSecretArn"] != nil {
		t.Error("the open stack names a secret")
	}
}

// logicalHash is the hash that the CDK appends to a logical id.
var logicalHash = regexp.MustCompile(`[0-9A-F]{8}$`)

func TestMistakenAuthIsRefused(t *testing.T) {
	for _, value := range []any{"", "closed", "Open", true} {
		got := panicOf(func() { newApp(context(t, map[string]any{"roomcast:auth": value}), t.TempDir()) })
		if want := fmt.Sprintf(`invalid context value roomcast:auth %#v: expected "open"`, value); !strings.Contains(got, want) {
			t.Errorf("with roomcast:auth %#v: panicked with %q, want %q", value, got, want)
		}
	}
}

// TestProviderTokens makes the stack for tokens of an identity provider.
func TestProviderTokens(t *testing.T) {
	values, dir := context(t, nil), t.TempDir()
	app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(dir)})
	stack := stacks.NewRealtimeStack(app, jsii.String("Provider"), &stacks.RealtimeStackProps{
		Tokens: &roomcastcdk.JwtAuthorizerProps{
			JwksUrl:  jsii.String("https://issuer.example/jwks.json"),
			Issuer:   jsii.String("https://issuer.example/"),
			Audience: jsii.Strings("chat"),
		},
	})
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(dir, "Provider.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	if provider := parse(t, string(text)); stack.Authorizer.Secret != nil || provider.Outputs["AuthSecretArn"] != nil || len(provider.of("AWS::SecretsManager::Secret")) != 0 {
		t.Error("there is a secret, though the provider has keys")
	}
}
