package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/npm"
	"github.com/roomcast/roomcast/internal/site"
)

// StackFlags select the stack to run on this machine, and how it runs. Every
// command that runs a stack has them.
type StackFlags struct {
	App      string
	Assembly string
	Port     int
	Verbose  bool
	Faults   FaultFlags
	Context  ContextFlags

	// Environment overrides environment variables of the functions.
	Environment map[string]string
	// Page builds the demo page, and the first API's port serves it.
	Page bool
	// Serve has the first API's port serve what a page needs of the run, even
	// without the demo page.
	Serve bool
	// LowerPriority runs functions that no client waits for at a lower priority
	// than the others.
	LowerPriority bool
	// Adapt changes the options of the run; nil changes nothing.
	Adapt func(*local.Options)

	dynamoDB    string
	iam         string
	idleTimeout time.Duration
	maxAge      time.Duration
}

// Register adds the flags to a command.
func (f *StackFlags) Register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.App, "app", ".", "`folder` of the CDK app: the one that holds cdk.json")
	cmd.Flags().StringVar(&f.Assembly, "assembly", "", "run this synthesized cloud assembly (cdk.out) instead of synthesizing an app")
	cmd.Flags().IntVar(&f.Port, "port", 0, "`port` of the first API on 127.0.0.1; 0 takes a free one")
	cmd.Flags().StringVar(&f.dynamoDB, "dynamodb", "", "`engine` of the tables: dynalite, local (AWS's DynamoDB Local, needs Java) or the URL of one that runs; default $ROOMCAST_DYNAMODB, else dynalite")
	cmd.Flags().BoolVarP(&f.Verbose, "verbose", "v", false, "show what the app prints during synthesis")
	cmd.Flags().DurationVar(&f.idleTimeout, "idle-timeout", 10*time.Minute, "close a connection after so long without a message; 10m is AWS's")
	cmd.Flags().DurationVar(&f.maxAge, "max-age", 2*time.Hour, "close a connection after so long however busy it is; 2h is AWS's")
	cmd.Flags().StringVar(&f.iam, "iam", "on", "on enforces the template's policies and checks signatures, as AWS does; off permits every call")
	f.Faults.register(cmd)
	f.Context.register(cmd)
	cmd.MarkFlagsMutuallyExclusive("app", "assembly")
}

// check returns an error for flags that no run can have.
func (f *StackFlags) check() error {
	if f.Port < 0 || f.Port > 65535 {
		return fmt.Errorf("invalid --port %d: expected 1 to 65535, or 0 for a free port", f.Port)
	}
	if f.idleTimeout <= 0 || f.maxAge <= 0 {
		return fmt.Errorf("invalid --idle-timeout %v or --max-age %v: expected durations longer than 0", f.idleTimeout, f.maxAge)
	}
	if err := engines.CheckChoice(f.dynamoDB); err != nil {
		return fmt.Errorf("--dynamodb: %w", err)
	}
	if f.iam != "on" && f.iam != "off" {
		return fmt.Errorf("invalid --iam %q: expected on or off", f.iam)
	}
	return nil
}

// Start synthesizes the app, installs the engines and starts the stack. The
// caller closes it.
func (f StackFlags) Start(ctx context.Context, out Console) (_ *Running, err error) {
	begin := time.Now()
	if err := f.check(); err != nil {
		return nil, err
	}
	if _, err := npm.FindNode(ctx); err != nil {
		return nil, err
	}
	injector, err := f.Faults.Injector()
	if err != nil {
		return nil, err
	}
	r := &Running{Faults: injector}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.Close())
		}
	}()

	var page string
	work, workCtx := errgroup.WithContext(ctx)
	work.Go(func() (err error) { r.Assembly, err = f.Assemble(workCtx, out); return err })
	work.Go(func() error { _, err := engines.Install(workCtx, out.Say); return err })
	if f.Page {
		work.Go(func() (err error) { page, err = site.Build(workCtx, out.Say); return err })
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}

	options := local.Options{Assembly: r.Assembly.Dir, Port: f.Port, Logs: out.log, Progress: out.Say, Faults: injector, DisableIAM: f.iam == "off", DynamoDB: f.dynamoDB,
		IdleTimeout: f.idleTimeout, MaxAge: f.maxAge, LowerPriority: f.LowerPriority, Environment: f.Environment}
	pages := site.New(page)
	if f.Page || f.Serve {
		options.Site = pages
	}
	if f.Adapt != nil {
		f.Adapt(&options)
	}
	if r.Cloud, err = local.Start(ctx, options); err != nil {
		return nil, err
	}
	warnOfUnmatched(out, injector, r.Functions())
	if f.Page || f.Serve {
		r.Serve(pages, f.Page)
	}
	r.Took = time.Since(begin)
	if f.iam == "off" {
		out.Warn("IAM is off: signatures are not checked and no policy is enforced. On AWS, calls that work here may be refused.")
	}
	return r, nil
}
