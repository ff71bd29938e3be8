package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/outputs"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/token"
	"github.com/roomcast/roomcast/internal/token/tokenenv"
)

const tokenHelp = `Issues a token for a stack whose tokens are signed with a shared secret, and
prints only the token on standard output.

--outputs names the file that "cdk deploy --outputs-file" wrote, or one with the
line that "roomcast up --json" prints; - reads standard input. The output
AuthSecretArn names the secret. The line of "roomcast up" says how to reach the
run; otherwise credentials and Region come from the environment, as for the AWS
CLI, and have to allow secretsmanager:GetSecretValue. --secret-file names a file
with the secret instead. The secret is never an argument, because every process
on a machine can read arguments.

Without a permission flag the token has no permissions claim: any room, notify
nobody. With one it permits only what the flags list, except what the --deny-
flags list. A pattern is a name, a prefix ("team-*"), or everything ("*").

Anyone holding the token acts as its user until it expires: keep it secret.`

// tokenFlags describe the token, and the secret that signs it.
type tokenFlags struct {
	outputs, stack, secretFile string

	user             string
	expires          time.Duration
	issuer, audience string
	claims           []string
	may              permission.Permissions
}

func tokenCommand() *cobra.Command {
	var flags tokenFlags
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Issue a token for a stack with a shared secret",
		Long:  tokenHelp,
		Example: `  roomcast up --json > run.json &
  until [ -s run.json ]; do sleep 1; done
  roomcast token --outputs run.json --user ada
  roomcast token --outputs run.json --user bob --rooms 'team-*' --notify ada --deny-send team-news`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			claims, err := flags.payload(time.Now())
			if err != nil {
				return err
			}
			secret, err := flags.secret(cmd.Context(), cmd.InOrStdin())
			if err != nil {
				return err
			}
			text, err := token.Mint(secret, claims)
			if err != nil {
				return err
			}
			if len(text) > protocol.MaxToken {
				return fmt.Errorf("the token has %d bytes, more than the %d that are taken: claim less", len(text), protocol.MaxToken)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.outputs, "outputs", "", "`file` with the stack's outputs; - is standard input")
	f.StringVar(&flags.stack, "stack", "", "`name` of the stack, if the outputs are of several")
	f.StringVar(&flags.secretFile, "secret-file", "", "`file` with the secret")
	f.StringVar(&flags.user, "user", "", "`userId` that the token is for (required)")
	f.DurationVar(&flags.expires, "expires", time.Hour, "how long the token is valid")
	f.StringVar(&flags.issuer, "issuer", "", "the token's iss")
	f.StringVar(&flags.audience, "audience", "", "the token's aud")
	f.StringArrayVar(&flags.claims, "claim", nil, "another claim with a string value, as `name=value` (repeatable)")
	for _, r := range []struct {
		prefix, what string
		rules        *permission.Rules
	}{{"", "permit", &flags.may.Rules}, {"deny-", "deny", &flags.may.Deny}} {
		pattern := func(name, what string, into *permission.Patterns) {
			f.StringArrayVar((*[]string)(into), r.prefix+name, nil, r.what+" "+what+" that fit the `pattern` (repeatable)")
		}
		pattern("rooms", "all with rooms", &r.rules.Rooms)
		pattern("join", "joining rooms", &r.rules.Join)
		pattern("send", "sending to rooms", &r.rules.Send)
		pattern("history", "the history of rooms", &r.rules.History)
		pattern("notify", "notifying users", &r.rules.Notify)
	}
	_ = cmd.MarkFlagRequired("user") // the flag exists
	return cmd
}

// payload returns the claims to sign.
func (f tokenFlags) payload(now time.Time) (map[string]any, error) {
	if err := protocol.CheckUserID("--user", f.user); err != nil {
		var bad *protocol.Error
		errors.As(err, &bad)
		return nil, errors.New(bad.Message)
	}
	if f.expires < time.Second {
		return nil, fmt.Errorf("--expires %v is too short: a token is good for a second or more", f.expires)
	}
	claims := map[string]any{token.DefaultUserClaim: f.user, "iat": now.Unix(), "exp": now.Add(f.expires).Unix()}
	if f.issuer != "" {
		claims["iss"] = f.issuer
	}
	if f.audience != "" {
		claims["aud"] = f.audience
	}
	may, err := f.permissions()
	if err != nil {
		return nil, err
	}
	if may != nil {
		claims[token.DefaultPermissionsClaim] = may
	}
	for _, claim := range f.claims {
		name, value, ok := strings.Cut(claim, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--claim %q must be name=value", claim)
		}
		switch name {
		case token.DefaultUserClaim, token.DefaultPermissionsClaim, "iss", "aud", "iat", "exp", "nbf":
			return nil, fmt.Errorf("--claim %s: this claim has flags of its own, see --help", name)
		}
		if _, there := claims[name]; there {
			return nil, fmt.Errorf("--claim %s comes twice", name)
		}
		claims[name] = value
	}
	return claims, nil
}

// permissions returns the permissions that the flags list, nil if they list
// none.
func (f tokenFlags) permissions() (*permission.Permissions, error) {
	data, err := permission.Encode(f.may)
	if err != nil {
		return nil, err
	}
	if string(data) == "{}" {
		return nil, nil
	}
	return &f.may, nil
}

// secret reads the secret to sign with.
func (f tokenFlags) secret(ctx context.Context, stdin io.Reader) (string, error) {
	switch {
	case (f.outputs == "") == (f.secretFile == ""):
		return "", errors.New("pass --outputs a file that says where the stack's secret is, or --secret-file one that holds it")
	case f.secretFile != "":
		data, err := os.ReadFile(f.secretFile)
		if err != nil {
			return "", fmt.Errorf("--secret-file: %w", err)
		}
		return strings.TrimRight(string(data), "\r\n"), nil
	}
	data, err := outputs.ReadFile(f.outputs, stdin)
	if err != nil {
		return "", fmt.Errorf("--outputs: %w", err)
	}
	stack, err := outputs.Parse(data, f.stack, outputs.AuthSecret)
	if errors.Is(err, outputs.ErrMissing) {
		return "", fmt.Errorf("--outputs %s: %w; a stack that is open, or whose tokens come from a provider, has no such output", f.outputs, err)
	}
	if err != nil {
		return "", fmt.Errorf("--outputs %s: %w", f.outputs, err)
	}
	arn := stack.Value(outputs.AuthSecret)
	if arn == "" {
		return "", fmt.Errorf("--outputs %s: the stack has no output %s: it is open, its tokens come from a provider, or its app does not call AddOutputs of its ChatApi", f.outputs, outputs.AuthSecret)
	}
	cfg, err := outputs.LoadAWS(ctx, stack.Environment)
	if err != nil {
		return "", err
	}
	secrets, err := tokenenv.Secrets(cfg, arn)(ctx)
	if err != nil {
		return "", err
	}
	return secrets[0], nil
}
