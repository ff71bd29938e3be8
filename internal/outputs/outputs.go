package outputs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/roomcast/roomcast/internal/backend"
)

// AuthSecret is the output that names the secret by which a stack's tokens are
// signed.
const AuthSecret = "AuthSecretArn"

// Outputs are the outputs of one stack.
type Outputs struct {
	// Value returns an output, "" if the stack has none of that name.
	Value func(name string) string
	// Environment is with what an AWS SDK reaches the stack, nil for the
	// environment of this process.
	Environment map[string]string
}

// ErrMissing is that no stack has the output that tells it from others.
var ErrMissing = errors.New("call AddOutputs of the ChatApi in its app and deploy it again, or name what is needed by flags")

// ReadFile reads a file; - is stdin.
func ReadFile(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// Parse reads the outputs of the stack of that name. With no name it is the one
// stack that has the output mark. If none has it, the error is [ErrMissing], and
// of a run of `roomcast up` the outputs say how to reach it all the same.
func Parse(data []byte, stack, mark string) (Outputs, error) {
	var file map[string]json.RawMessage
	// Only the first value: what follows the line of `up` is not part of it.
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&file); err != nil {
		return Outputs{}, fmt.Errorf("the outputs are no JSON object as `cdk deploy --outputs-file` writes it or `roomcast up --json` prints it: %w", err)
	}
	if file["ready"] != nil {
		return parseUp(data, stack, mark)
	}
	stacks := map[string]map[string]string{}
	for name, raw := range file {
		var outputs map[string]string
		if err := json.Unmarshal(raw, &outputs); err != nil {
			return Outputs{}, fmt.Errorf("the outputs of stack %q are no texts by name: %w", name, err)
		}
		stacks[name] = outputs
	}
	name, err := choose(stacks, stack, mark)
	if err != nil {
		return Outputs{}, err
	}
	return Outputs{Value: func(output string) string { return stacks[name][output] }}, nil
}

// choose returns the stack that is meant.
func choose(stacks map[string]map[string]string, stack, mark string) (string, error) {
	all := slices.Sorted(maps.Keys(stacks))
	if stack != "" {
		if stacks[stack] == nil {
			return "", fmt.Errorf("there is no stack %q among the outputs, but %s: name one of these by --stack", stack, list(all))
		}
		return stack, nil
	}
	candidates := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return stacks[name][mark] == "" })
	switch len(candidates) {
	case 0:
		return "", fmt.Errorf("none of the stacks %s has the output %s: %w", list(all), mark, ErrMissing)
	case 1:
		return candidates[0], nil
	}
	return "", fmt.Errorf("several stacks have the output %s, %s: name one by --stack", mark, list(candidates))
}

func list(names []string) string {
	if len(names) == 0 {
		return "(there are none)"
	}
	return strings.Join(names, ", ")
}

// parseUp reads the line of `roomcast up --json`, which tells the stack only in
// the names of outputs that several stacks have.
func parseUp(data []byte, stack, mark string) (Outputs, error) {
	var line struct {
		Outputs, Environment map[string]string
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&line); err != nil {
		return Outputs{}, fmt.Errorf("read the line of `roomcast up --json`: %w", err)
	}
	value := func(output string) string {
		if own, ok := line.Outputs[stack+"."+output]; ok {
			return own
		}
		return line.Outputs[output]
	}
	o := Outputs{Value: value, Environment: line.Environment}
	if value(mark) == "" {
		return o, fmt.Errorf("the run has the outputs %s, and not %s: name the stack by --stack; or %w", list(slices.Sorted(maps.Keys(line.Outputs))), mark, ErrMissing)
	}
	return o, nil
}

// LoadAWS returns how to reach AWS: as the environment of a run says, or, where
// it is nil, as that of this process does.
func LoadAWS(ctx context.Context, environment map[string]string) (aws.Config, error) {
	if e := environment; e != nil {
		return aws.Config{
			Region:       e["AWS_REGION"],
			BaseEndpoint: aws.String(e["AWS_ENDPOINT_URL"]),
			Credentials:  credentials.NewStaticCredentialsProvider(e["AWS_ACCESS_KEY_ID"], e["AWS_SECRET_ACCESS_KEY"], e["AWS_SESSION_TOKEN"]),
		}, nil
	}
	cfg, err := backend.LoadAWS(ctx)
	if err == nil && cfg.Region == "" {
		err = errors.New("no AWS region is set: set AWS_REGION to that of the stack")
	}
	return cfg, err
}
