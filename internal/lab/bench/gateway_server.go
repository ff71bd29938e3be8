package bench

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"github.com/roomcast/roomcast/internal/local"
)

// gatewayAssembly is a cloud assembly by its files: an API with a stage and
// nothing else. Every connection is accepted; a message is answered Forbidden.
var gatewayAssembly = map[string]string{
	"manifest.json": `{"artifacts": {"Bench": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "Bench.template.json"}}}}`,
	"Bench.template.json": `{"Resources": {
		"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
		"Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "bench"}}}}`,
}

// ServeGateway is the gateway's process of a [Gateway] workload: a local cloud
// that holds an API without functions. It writes a line when it is ready, tells
// its resident memory for every line that it reads, and returns at the end of
// its input.
func ServeGateway(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	cloud, err := startGatewayCloud(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cloud.Close()) }()
	lines := json.NewEncoder(out)
	ready, err := describeGateway(cloud)
	if err != nil {
		return err
	}
	if err := lines.Encode(ready); err != nil {
		return fmt.Errorf("bench gateway: %w", err)
	}
	questions := bufio.NewScanner(in)
	for questions.Scan() {
		resident, err := residentBytes()
		if err != nil {
			return err
		}
		if err := lines.Encode(gatewayMemory{resident}); err != nil {
			return fmt.Errorf("bench gateway: %w", err)
		}
	}
	return questions.Err()
}

// startGatewayCloud runs the assembly, without AWS's limit of requests a
// second: how many there can be is the question.
func startGatewayCloud(ctx context.Context) (_ *local.Cloud, err error) {
	dir, err := os.MkdirTemp("", "roomcast-bench-")
	if err != nil {
		return nil, fmt.Errorf("bench gateway: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for name, content := range gatewayAssembly {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, fmt.Errorf("bench gateway: %w", err)
		}
	}
	return local.Start(ctx, local.Options{Assembly: dir, RequestRate: -1})
}

func describeGateway(cloud *local.Cloud) (gatewayReady, error) {
	callback, err := url.Parse(cloud.APIs()[0].CallbackURL)
	if err != nil {
		return gatewayReady{}, fmt.Errorf("bench gateway: %w", err)
	}
	own := cloud.Credentials()
	return gatewayReady{
		Address: callback.Host, Path: callback.Path, Region: "us-east-1",
		AccessKeyID: own.AccessKeyID, SecretAccessKey: own.SecretAccessKey, SessionToken: own.SessionToken,
	}, nil
}
