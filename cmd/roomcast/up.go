package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/local/faults"
)

const upHelp = `Synthesizes the CDK app of ./cdk.json, or takes the cloud assembly of --assembly,
and runs its template on this machine: the WebSocket API, the functions with
their real bootstrap, DynamoDB, SQS and its event sources. Everything listens on
127.0.0.1 only and ends with Ctrl-C.

If clients need a token that is signed with the stack's secret, the first API's
port issues tokens to any process on this machine. Your own page gets them
through the proxy of its dev server: see docs/guide/frontend.md.

Progress and the functions' logs go to standard error. Standard output gets the
addresses of what was started, or with --json one line when everything is ready.`

func upCommand() *cobra.Command {
	var flags cli.StackFlags
	var asJSON, noSite bool
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run a CDK app's template on this machine",
		Long:  upHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			defer takeTerminal()()
			ctx := cmd.Context()
			out := cli.Console{Progress: cmd.ErrOrStderr(), Logs: cmd.ErrOrStderr()}
			flags.LowerPriority, flags.Page, flags.Serve = true, !noSite, true
			r, err := flags.Start(ctx, out)
			if err != nil {
				return err
			}
			defer func() {
				err = errors.Join(err, r.Close())
				reportFaults(out.Progress, r.Faults.Counts())
			}()
			env, err := environment(r)
			if err != nil {
				return err
			}
			if asJSON {
				err = announceJSON(cmd.OutOrStdout(), r, env)
			} else {
				announce(cmd.OutOrStdout(), r, env)
			}
			if err != nil {
				return err
			}
			return wait(ctx, r)
		},
	}
	flags.Register(cmd)
	flags.Context.RegisterOpen(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON when ready")
	cmd.Flags().BoolVar(&noSite, "no-site", false, "do not build and serve the demo page; tokens are served all the same")
	return cmd
}

// wait returns nil when the user ends the run, or an error when a part of it
// fails.
func wait(ctx context.Context, r *cli.Running) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-r.Failed():
		return err
	}
}

// ready is the line that `up --json` prints. Programs read it: see
// docs/reference/versioning.md.
type ready struct {
	Ready        bool   `json:"ready"`
	WebSocketURL string `json:"webSocketUrl"`
	CallbackURL  string `json:"callbackUrl"`
	SiteURL      string `json:"siteUrl,omitempty"`
	UsageURL     string `json:"usageUrl,omitempty"`
	// TokenURL returns a token for the user that is appended to it. It is "" if
	// the stack needs no token, or one that the run cannot make.
	TokenURL string            `json:"tokenUrl,omitempty"`
	APIs     []readyAPI        `json:"apis"`
	Outputs  map[string]string `json:"outputs"`
	// Environment holds the environment variables with which an AWS SDK, boto3 or
	// the AWS CLI reaches this run, as an administrator. The credentials are valid
	// for this run only.
	Environment  map[string]string `json:"environment"`
	SynthSeconds float64           `json:"synthSeconds"`
	ReadySeconds float64           `json:"readySeconds"`
}

type readyAPI struct {
	ID           string `json:"id"`
	LogicalID    string `json:"logicalId"`
	Stage        string `json:"stage"`
	WebSocketURL string `json:"webSocketUrl"`
	CallbackURL  string `json:"callbackUrl"`
	// Guarded says that a client needs a token or a signature to connect.
	Guarded bool `json:"guarded"`
}

func announceJSON(w io.Writer, r *cli.Running, environment map[string]string) error {
	line := ready{
		Ready: true, SiteURL: r.SiteURL(), UsageURL: r.UsageURL(), TokenURL: r.TokenURL(), Outputs: r.Outputs(), APIs: []readyAPI{}, Environment: environment,
		SynthSeconds: seconds(r.Assembly.Synthesis), ReadySeconds: seconds(r.Took),
	}
	for _, api := range r.APIs() {
		line.APIs = append(line.APIs, readyAPI(api))
	}
	if len(line.APIs) > 0 {
		line.WebSocketURL, line.CallbackURL = line.APIs[0].WebSocketURL, line.APIs[0].CallbackURL
	}
	return json.NewEncoder(w).Encode(line)
}

func announce(w io.Writer, r *cli.Running, environment map[string]string) {
	fmt.Fprintln(w)
	for _, line := range r.Describe() {
		fmt.Fprintln(w, "  "+line)
	}
	fmt.Fprintln(w)
	if url := r.SiteURL(); url != "" {
		fmt.Fprintf(w, "  Open %s in two browser windows.\n", url)
	}
	if url := r.TokenURL(); url != "" {
		fmt.Fprintf(w, "  A token for a user of this run: curl '%sada'\n", url)
	}
	if apis := r.APIs(); len(apis) > 0 {
		fmt.Fprintf(w, "  Your own page's dev server, in vite.config: server: { proxy: { '/_roomcast': '%s' } }\n", cli.Origin(apis[0]))
	}
	if url := r.UsageURL(); url != "" {
		fmt.Fprintf(w, "  What AWS would bill for: %s\n", url)
	}
	announceEnvironment(w, environment)
	fmt.Fprintf(w, "  Ready in %.1f s. Ctrl-C ends it and leaves nothing behind.\n\n", r.Took.Seconds())
}

func seconds(d time.Duration) float64 {
	return math.Round(d.Seconds()*100) / 100
}

// reportFaults prints how often each rule was applied.
func reportFaults(w io.Writer, counts []faults.Count) {
	for _, c := range counts {
		fmt.Fprintf(w, "· fault %s: injected into %d of %d calls\n", c.Rule, c.Injected, c.Matched)
	}
}
