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

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/site"
)

const upHelp = `Synthesizes the CDK app of ./cdk.json (or takes the cloud assembly that
--assembly names) and runs that very template on this machine: the WebSocket
API, the functions with their real bootstrap, DynamoDB, SQS and its event
sources. Everything listens on 127.0.0.1 only and is gone after Ctrl-C.

Where clients need a token that is signed with the stack's own secret, the first
API's port hands them out to any process on this machine. A page of your own gets
them through the proxy of its dev server: see docs/guide/frontend.md.

Progress and the functions' logs go to standard error. Standard output gets
what was started and where, or with --json one line when all is ready.`

func upCommand() *cobra.Command {
	var flags stackFlags
	var asJSON, noSite bool
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Run a CDK app's template on this machine",
		Long:  upHelp,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			defer takeTerminal()()
			ctx := cmd.Context()
			out := console{progress: cmd.ErrOrStderr(), logs: cmd.ErrOrStderr()}
			flags.lowerPriority, flags.serve = true, true
			r, err := flags.start(ctx, out, !noSite)
			if err != nil {
				return err
			}
			defer func() {
				err = errors.Join(err, r.close())
				reportFaults(out.progress, r.faults.Counts())
			}()
			environment, err := r.environment()
			if err != nil {
				return err
			}
			if asJSON {
				err = announceJSON(cmd.OutOrStdout(), r, environment)
			} else {
				announce(cmd.OutOrStdout(), r, environment)
			}
			if err != nil {
				return err
			}
			return wait(ctx, r)
		},
	}
	flags.register(cmd)
	flags.context.registerOpen(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one line of JSON when ready")
	cmd.Flags().BoolVar(&noSite, "no-site", false, "do not build and serve the demo page; tokens are served all the same")
	return cmd
}

// wait returns when the user ends the run (nil) or when a part of it died.
func wait(ctx context.Context, r *running) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-r.Failed():
		return err
	}
}

// ready is the line that `up --json` prints. Its names are part of the
// command's interface.
type ready struct {
	Ready        bool   `json:"ready"`
	WebSocketURL string `json:"webSocketUrl"`
	CallbackURL  string `json:"callbackUrl"`
	SiteURL      string `json:"siteUrl,omitempty"`
	UsageURL     string `json:"usageUrl,omitempty"`
	// TokenURL answers with a token for the user that is appended to it. It is
	// "" where the stack needs none, or not one that the run can make.
	TokenURL string            `json:"tokenUrl,omitempty"`
	APIs     []readyAPI        `json:"apis"`
	Outputs  map[string]string `json:"outputs"`
	// Environment holds the environment variables by which an AWS SDK, boto3 or
	// the AWS CLI reaches this run, as an administrator. The credentials are
	// made up for the run and end with it.
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
	// Guarded says that whoever connects needs a token or a signature.
	Guarded bool `json:"guarded"`
}

func announceJSON(w io.Writer, r *running, environment map[string]string) error {
	line := ready{
		Ready: true, SiteURL: r.siteURL(), UsageURL: r.usageURL(), TokenURL: r.tokenURL(), Outputs: r.Outputs(), APIs: []readyAPI{}, Environment: environment,
		SynthSeconds: seconds(r.synth), ReadySeconds: seconds(r.started),
	}
	for _, api := range r.APIs() {
		line.APIs = append(line.APIs, readyAPI(api))
	}
	if len(line.APIs) > 0 {
		line.WebSocketURL, line.CallbackURL = line.APIs[0].WebSocketURL, line.APIs[0].CallbackURL
	}
	return json.NewEncoder(w).Encode(line)
}

func announce(w io.Writer, r *running, environment map[string]string) {
	fmt.Fprintln(w)
	for _, line := range r.Describe() {
		fmt.Fprintln(w, "  "+line)
	}
	fmt.Fprintln(w)
	if url := r.siteURL(); url != "" {
		fmt.Fprintf(w, "  Open %s in two browser windows.\n", url)
	}
	if url := r.tokenURL(); url != "" {
		fmt.Fprintf(w, "  A token for a user of this run: curl '%sada'\n", url)
	}
	if apis := r.APIs(); len(apis) > 0 {
		fmt.Fprintf(w, "  Your own page's dev server, in vite.config: server: { proxy: { '/_roomcast': '%s' } }\n", origin(apis[0]))
	}
	if url := r.usageURL(); url != "" {
		fmt.Fprintf(w, "  What AWS would bill for: %s\n", url)
	}
	announceEnvironment(w, environment)
	fmt.Fprintf(w, "  Ready in %.1f s. Ctrl-C ends it and leaves nothing behind.\n\n", r.started.Seconds())
}

// siteURL is where the demo page is: at the root of the first API's address.
func (r *running) siteURL() string {
	if apis := r.APIs(); r.page && len(apis) > 0 {
		return origin(apis[0]) + "/"
	}
	return ""
}

// tokenURL is where tokens are, up to the name of the user.
func (r *running) tokenURL() string {
	if apis := r.APIs(); r.mint != nil && len(apis) > 0 {
		return origin(apis[0]) + site.TokenPath + "?userId="
	}
	return ""
}

// usageURL is where the run's usage can be asked for.
func (r *running) usageURL() string {
	if apis := r.APIs(); len(apis) > 0 {
		return origin(apis[0]) + "/_roomcast/usage"
	}
	return ""
}

// origin is the callback URL without its last element, the stage.
func origin(api local.API) string {
	return api.CallbackURL[:len(api.CallbackURL)-len("/"+api.Stage)]
}

func seconds(d time.Duration) float64 {
	return math.Round(d.Seconds()*100) / 100
}
