package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/synth"
)

// contextFlags say what is laid over the context of the app that is
// synthesized.
type contextFlags struct {
	pairs []string // key=value
	open  bool
}

func (f *contextFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVarP(&f.pairs, "context", "c", nil, "lay `key=value` over the context of cdk.json, as the CDK CLI does; may be given more than once")
}

// registerOpen is for commands whose users choose how they authenticate.
func (f *contextFlags) registerOpen(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.open, "open", false, "run without authentication: short for --context "+settings.ContextAuth+"=open")
}

// forSynthesis is the context to synthesize the app with.
func (f contextFlags) forSynthesis() (map[string]any, error) {
	context := synth.HostContext()
	if f.open {
		context[settings.ContextAuth] = "open"
	}
	for _, pair := range f.pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok || key == "" {
			return nil, fmt.Errorf("--context %q is no key=value", pair)
		}
		context[key] = value
	}
	return context, nil
}

// forAssembly refuses a context for an app that is synthesized already, as what
// names it says.
func (f contextFlags) forAssembly(named string) error {
	if f.open || len(f.pairs) > 0 {
		return fmt.Errorf("--open and --context say how an app is synthesized, and %s names a cloud assembly that has been: leave one of them out, or synthesize it with that context", named)
	}
	return nil
}

// unlimited is what the functions of a stack are told that has to bear a load:
// as many messages, frames and connections as there are.
func unlimited() map[string]string {
	environment := map[string]string{}
	for _, limit := range []string{
		settings.MessageRate, settings.FrameRate, settings.CursorRate, settings.CursorMembers, settings.CursorPosts,
		settings.ConnectionsPerIP, settings.ConnectionsPerUser,
	} {
		environment[limit] = "0"
	}
	return environment
}

// forLoad are the flags of a command that brings users of its own: nobody
// needs a token, and no limit stands in the load's way. An assembly is run as
// it is, which has to be open then.
func (f stackFlags) forLoad() stackFlags {
	f.context.open = f.assembly == ""
	f.environment = unlimited()
	return f
}
