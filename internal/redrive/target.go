package redrive

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Target says where a stack is.
type Target struct {
	ConnectionTable, MessageTable         string
	BroadcastQueueURL, DeadLetterQueueURL string
	CallbackURL                           string
	// Environment is with what an AWS SDK reaches it, nil for the environment
	// of this process.
	Environment map[string]string
}

// part is a part of a target, and where it comes from.
type part struct {
	flag, output string
	field        func(*Target) *string
}

var targetParts = []part{
	{"connection-table", "ConnectionTableName", func(t *Target) *string { return &t.ConnectionTable }},
	{"message-table", "MessageTableName", func(t *Target) *string { return &t.MessageTable }},
	{"broadcast-queue", "BroadcastQueueUrl", func(t *Target) *string { return &t.BroadcastQueueURL }},
	{"dead-letter-queue", "DeadLetterQueueUrl", func(t *Target) *string { return &t.DeadLetterQueueURL }},
	{"callback-url", "CallbackUrl", func(t *Target) *string { return &t.CallbackURL }},
}

// Flags tells of every part of a target: the name of the flag that sets it, and
// the output of the stack that has it.
func (t *Target) Flags(tell func(name, output string, value *string)) {
	for _, p := range targetParts {
		tell(p.flag, p.output, p.field(t))
	}
}

// Check says which part is missing.
func (t Target) Check() error {
	for _, p := range targetParts {
		if *p.field(&t) == "" {
			return fmt.Errorf("%s is not known: pass --outputs a file that has it, or name it by --%s", p.output, p.flag)
		}
	}
	return nil
}

// ParseOutputs reads where a stack is from the file that
// `cdk deploy --outputs-file` writes, or from the line that `roomcast up --json`
// prints. stack names the stack, "" if there is one only. An output that the
// stack does not have is left empty.
func ParseOutputs(data []byte, stack string) (Target, error) {
	var file map[string]json.RawMessage
	// Only the first value: what follows the line of `up` is not part of it.
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&file); err != nil {
		return Target{}, fmt.Errorf("the outputs are no JSON object as `cdk deploy --outputs-file` writes it or `roomcast up --json` prints it: %w", err)
	}
	if file["ready"] != nil {
		return parseUp(data, stack)
	}
	stacks := map[string]map[string]string{}
	for name, raw := range file {
		var outputs map[string]string
		if err := json.Unmarshal(raw, &outputs); err != nil {
			return Target{}, fmt.Errorf("the outputs of stack %q are no texts by name: %w", name, err)
		}
		stacks[name] = outputs
	}
	name, err := choose(stacks, stack)
	if err != nil {
		return Target{}, err
	}
	return targetOf(func(output string) string { return stacks[name][output] }), nil
}

// choose returns the stack that is meant.
func choose(stacks map[string]map[string]string, stack string) (string, error) {
	all := slices.Sorted(maps.Keys(stacks))
	if stack != "" {
		if stacks[stack] == nil {
			return "", fmt.Errorf("there is no stack %q among the outputs, but %s: name one of these by --stack", stack, list(all))
		}
		return stack, nil
	}
	candidates := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return stacks[name]["DeadLetterQueueUrl"] == "" })
	switch len(candidates) {
	case 0:
		return "", fmt.Errorf("none of the stacks %s has the output DeadLetterQueueUrl: take the outputs of a stack of Roomcast, or name what is needed by flags", list(all))
	case 1:
		return candidates[0], nil
	}
	return "", fmt.Errorf("several stacks have a dead-letter queue, %s: name one by --stack", list(candidates))
}

func list(names []string) string {
	if len(names) == 0 {
		return "(there are none)"
	}
	return strings.Join(names, ", ")
}

// parseUp reads the line of `roomcast up --json`, which tells the stack only in
// the names of outputs that several stacks have.
func parseUp(data []byte, stack string) (Target, error) {
	var line struct {
		Outputs, Environment map[string]string
	}
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&line); err != nil {
		return Target{}, fmt.Errorf("read the line of `roomcast up --json`: %w", err)
	}
	t := targetOf(func(output string) string {
		if own, ok := line.Outputs[stack+"."+output]; ok {
			return own
		}
		return line.Outputs[output]
	})
	if t.DeadLetterQueueURL == "" {
		return Target{}, fmt.Errorf("the run has the outputs %s: name the stack by --stack, or what is needed by flags", list(slices.Sorted(maps.Keys(line.Outputs))))
	}
	t.Environment = line.Environment
	return t, nil
}

func targetOf(output func(name string) string) Target {
	var t Target
	for _, p := range targetParts {
		*p.field(&t) = output(p.output)
	}
	return t
}
