package redrive

import (
	"errors"
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/internal/outputs"
)

// Target says where a stack is.
type Target struct {
	ConnectionTable, MessageTable         string
	BroadcastQueueURL, DeadLetterQueueURL string
	CallbackURL                           string
	// Environment holds the variables with which an AWS SDK reaches it; nil means
	// the environment of this process.
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

// Flags describes every part of a target: the name of its flag, and the output
// of the stack that has it.
func (t *Target) Flags(tell func(name, output string, value *string)) {
	for _, p := range targetParts {
		tell(p.flag, p.output, p.field(t))
	}
}

// Check returns an error that names the missing parts.
func (t Target) Check() error {
	var missing, flags []string
	for _, p := range targetParts {
		if *p.field(&t) == "" {
			missing, flags = append(missing, p.output), append(flags, "--"+p.flag)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("unknown: %s; pass --outputs a file that has them, as AddOutputs of a ChatApi makes them, or name them by %s",
		strings.Join(missing, ", "), strings.Join(flags, ", "))
}

// ParseOutputs reads where a stack is from its outputs, as [outputs.Parse]
// does. A missing output is left empty. With [outputs.ErrMissing] the target
// has its Environment, for parts that flags name.
func ParseOutputs(data []byte, stack string) (Target, error) {
	o, err := outputs.Parse(data, stack, "DeadLetterQueueUrl")
	if errors.Is(err, outputs.ErrMissing) {
		var all []string
		for _, p := range targetParts {
			all = append(all, p.output)
		}
		return Target{Environment: o.Environment}, fmt.Errorf("%w; needed are %s", err, strings.Join(all, ", "))
	}
	if err != nil {
		return Target{}, err
	}
	t := Target{Environment: o.Environment}
	for _, p := range targetParts {
		*p.field(&t) = o.Value(p.output)
	}
	return t, nil
}
