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

// AuthSecret is the output that names the secret that signs a stack's tokens.
const AuthSecret = "AuthSecretArn"

// Outputs are the outputs of one stack.
type Outputs struct {
	// Value returns an output, "" if the stack has none of that name.
	Value func(name string) string
	// Environment holds the variables with which an AWS SDK reaches the stack; nil
	// means the environment of this process.
	Environment map[string]string
}

// ErrMissing means that no stack has the output that identifies it.
var ErrMissing = errors.New("call AddOutputs of the ChatApi in its app and deploy it again, or set flags instead")

// ReadFile reads a file; - is stdin.
func ReadFile(file string, stdin io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(stdin)
	}
	return os.ReadFile(file)
}

// Parse reads the outputs of the stack of that name. Without a name, it is the
// only stack that has the output mark. If no stack has it, the error is
// [ErrMissing]; the outputs of a run of `roomcast up` then still say how to
// reach it.
func Parse(data []byte, stack, mark string) (Outputs, error) {
	var file map[string]json.RawMessage
	// Only the first value: text after the line of `up` is not part of it.
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&file); err != nil {
		return Outputs{}, fmt.Errorf("invalid outputs: expected the JSON object of `cdk deploy --outputs-file` or `roomcast up --json`: %w", err)
	}
	if file["ready"] != nil {
		return parseUp(data, stack, mark)
	}
	stacks := map[string]map[string]string{}
	for name, raw := range file {
		var outputs map[string]string
		if err := json.Unmarshal(raw, &outputs); err != nil {
			return Outputs{}, fmt.Errorf("invalid outputs of stack %q: expected strings by name: %w", name, err)
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
			return "", fmt.Errorf("invalid --stack %q: expected one of %s", stack, list(all))
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
	return "", fmt.Errorf("several stacks have the output %s: %s: choose one with --stack", mark, list(candidates))
}

func list(names []string) string {
	if len(names) == 0 {
		return "(there are none)"
	}
	return strings.Join(names, ", ")
}

// parseUp reads the line of `roomcast up --json`, which names the stack only in
// outputs that several stacks have.
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
		return o, fmt.Errorf("the run has the outputs %s, and not %s: choose the stack with --stack, or %w", list(slices.Sorted(maps.Keys(line.Outputs))), mark, ErrMissing)
	}
	return o, nil
}

// LoadAWS returns the configuration for AWS from the environment of a run or,
// if that is nil, of this process.
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
		err = errors.New("no AWS Region is set: set AWS_REGION to that of the stack")
	}
	return cfg, err
}
