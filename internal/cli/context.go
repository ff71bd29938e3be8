package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/synth"
)

// ContextFlags override the context with which an app is synthesized.
type ContextFlags struct {
	Open bool // run without authentication

	pairs []string // key=value
}

func (f *ContextFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.pairs, "context", "c", nil, "override the context of cdk.json by `key=value`, as the CDK CLI does; may be given more than once")
}

// RegisterOpen adds --open, for commands that let users choose how clients
// authenticate.
func (f *ContextFlags) RegisterOpen(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.Open, "open", false, "run without authentication: short for --context "+settings.ContextAuth+"=open")
}

// forSynthesis returns the context to synthesize the app with.
func (f ContextFlags) forSynthesis() (map[string]any, error) {
	context := synth.HostContext()
	if f.Open {
		context[settings.ContextAuth] = "open"
	}
	for _, pair := range f.pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("invalid --context %q: expected key=value", pair)
		}
		context[key] = value
	}
	return context, nil
}

// forAssembly returns an error if context was given for an app that is
// synthesized already. source says what names the assembly.
func (f ContextFlags) forAssembly(source string) error {
	if f.Open || len(f.pairs) > 0 {
		return fmt.Errorf("--open and --context apply to synthesis, but %s names a cloud assembly: leave one of them out, or synthesize the assembly with that context", source)
	}
	return nil
}
