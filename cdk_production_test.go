package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
	"github.com/roomcast/roomcast/stacks"
)

// TestStackForProduction makes the stack with everything that production needs,
// most of which is off by default, with tokens and with open authentication.
func TestStackForProduction(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode.name, func(t *testing.T) {
			values, dir := context(t, mode.context), t.TempDir()
			app := awscdk.NewApp(&awscdk.AppProps{Context: &values, Outdir: jsii.String(dir)})
			props := stacks.RealtimeStackProps{
				StackProps:      awscdk.StackProps{TerminationProtection: jsii.Bool(true)},
				RemovalPolicy:   awscdk.RemovalPolicy_RETAIN,
				ConnectionTable: &roomcastcdk.ConnectionTableProps{RemovalPolicy: awscdk.RemovalPolicy_DESTROY, MaxWriteUnits: jsii.Number(20_000)},
				MessageTable:    &roomcastcdk.MessageTableProps{DeletionProtection: jsii.Bool(true), PointInTimeRecovery: jsii.Bool(true)},
				Tokens:          &roomcastcdk.JwtAuthorizerProps{FunctionDefaults: &roomcastcdk.FunctionDefaults{MemorySize: jsii.Number(1024)}},
				Chat: &roomcastcdk.ChatApiProps{
					StageName:     jsii.String("live"),
					IpAddressType: awsapigatewayv2.IpAddressType_DUAL_STACK,
					PostsInFlight: jsii.Number(8),
					FunctionDefaults: &roomcastcdk.FunctionDefaults{
						Architecture: awslambda.Architecture_X86_64(), MemorySize: jsii.Number(512),
					},
					FunctionOverrides: map[string]*roomcastcdk.FunctionDefaults{
						"expiry":    {MemorySize: jsii.Number(128)},
						"broadcast": {ReservedConcurrentExecutions: jsii.Number(4)},
					},
				},
			}
			if wantsOpenAuth(app) {
				props.Tokens, props.Chat.Auth = nil, roomcastcdk.OpenAuth()
			}
			stacks.NewRealtimeStack(app, jsii.String("Production"), &props)
			app.Synth(nil)
			text, err := os.ReadFile(filepath.Join(dir, "Production.template.json"))
			if err != nil {
				t.Fatal(err)
			}
			stack := parse(t, string(text))

			memory := map[string]string{"authorizer": "1024", "expiry": "128"}
			for id, function := range stack.of("AWS::Lambda::Function") {
				p := function.Properties
				handler := fmt.Sprint(p["Handler"])
				want := memory[handler]
				if want == "" {
					want = "512"
				}
				if got := fmt.Sprint(p["MemorySize"], p["Architectures"]); got != want+" [x86_64]" {
					t.Errorf("%s has %s, want %s MB", id, got, want)
				}
				if got := p["ReservedConcurrentExecutions"]; (got != nil) != (handler == "broadcast") {
					t.Errorf("%s reserves %v", id, got)
				}
			}
			policies := map[string]int{}
			for _, table := range stack.of("AWS::DynamoDB::GlobalTable") {
				policies[table.DeletionPolicy]++
			}
			if policies["Delete"] != 1 || policies["Retain"] != 1 {
				t.Errorf("the tables' deletion policies are %v: want the connections deleted, the messages kept", policies)
			}
			for _, api := range stack.of("AWS::ApiGatewayV2::Api") {
				if got := api.Properties["IpAddressType"]; got != "dualstack" {
					t.Errorf("the API's addresses are %v", got)
				}
			}
			for _, stage := range stack.of("AWS::ApiGatewayV2::Stage") {
				if got := stage.Properties["StageName"]; got != "live" {
					t.Errorf("the stage is %v", got)
				}
			}
			programs, err := filepath.Glob(filepath.Join(dir, "asset.*", "bootstrap"))
			if err != nil || len(programs) != 1 {
				t.Fatalf("the programs are %v, %v", programs, err)
			}
			program, err := elf.Open(programs[0])
			if err != nil {
				t.Fatal(err)
			}
			defer program.Close()
			if program.Machine != elf.EM_X86_64 {
				t.Errorf("the program is built for %v", program.Machine)
			}
		})
	}
}
