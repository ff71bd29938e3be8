package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/local/engines"
	"github.com/roomcast/roomcast/internal/local/faults"
	"github.com/roomcast/roomcast/internal/npm"
	"github.com/roomcast/roomcast/internal/site"
	"github.com/roomcast/roomcast/internal/synth"
)

// stackFlags say which stack to run here, and how. Every command that runs
// one takes them.
type stackFlags struct {
	app      string
	assembly string
	port     int
	dynamoDB string
	verbose  bool
	faults   faultFlags
	iam      string
	context  contextFlags

	idleTimeout time.Duration
	maxAge      time.Duration

	// environment overrides variables of the functions.
	environment map[string]string
	// serve has the first API's port serve what a page needs of the run.
	serve bool
	// lowerPriority lets functions that nobody waits for give way to the others.
	lowerPriority bool

	// adapt changes how the stack is run, beyond what flags say; nil for not.
	adapt func(*local.Options)
}

func (f *stackFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.app, "app", ".", "`folder` of the CDK app: the one that holds cdk.json")
	cmd.Flags().StringVar(&f.assembly, "assembly", "", "run this synthesized cloud assembly (cdk.out) instead of synthesizing an app")
	cmd.Flags().IntVar(&f.port, "port", 0, "`port` of the first API on 127.0.0.1; 0 takes a free one")
	cmd.Flags().StringVar(&f.dynamoDB, "dynamodb", "", "`engine` of the tables: dynalite, local (AWS's DynamoDB Local, needs Java) or the URL of one that runs; default $ROOMCAST_DYNAMODB, else dynalite")
	cmd.Flags().BoolVarP(&f.verbose, "verbose", "v", false, "show what the app prints while it synthesizes")
	cmd.Flags().DurationVar(&f.idleTimeout, "idle-timeout", 10*time.Minute, "close a connection after so long without a message; 10m is AWS's")
	cmd.Flags().DurationVar(&f.maxAge, "max-age", 2*time.Hour, "close a connection after so long however busy it is; 2h is AWS's")
	cmd.Flags().StringVar(&f.iam, "iam", "on", "on enforces the template's policies and checks signatures, as AWS does; off lets everybody call everything")
	f.faults.register(cmd)
	f.context.register(cmd)
	cmd.MarkFlagsMutuallyExclusive("app", "assembly")
}

// running is a stack that runs here, and how long it took to get there.
type running struct {
	*local.Cloud
	assembly string                                        // the folder of what runs
	faults   *faults.Injector                              // nil without
	page     bool                                          // the demo page is served
	site     *site.Site                                    // nil where nothing is served
	mint     func(userID string) (token string, err error) // nil where the page needs no token
	temp     string                                        // the assembly made for this run; "" when it was given
	synth    time.Duration
	started  time.Duration
}

// console is where a run tells a person what it does.
type console struct {
	progress io.Writer // what it is doing
	logs     io.Writer // what the functions print
}

func (c console) say(format string, args ...any) {
	fmt.Fprintf(c.progress, "· "+format+"\n", args...)
}

// warn says what nobody should overlook.
func (c console) warn(format string, args ...any) {
	fmt.Fprintf(c.progress, "\n!! WARNING: "+format+"\n\n", args...)
}

func (c console) log(function, line string) {
	fmt.Fprintf(c.logs, "%s | %s\n", function, line)
}

// start synthesizes, installs and starts. Independent steps run side by side.
func (f stackFlags) start(ctx context.Context, out console, withSite bool) (_ *running, err error) {
	begin := time.Now()
	if f.port < 0 || f.port > 65535 {
		return nil, fmt.Errorf("--port %d is no port: choose 0 for a free one, or 1 to 65535", f.port)
	}
	if f.idleTimeout <= 0 || f.maxAge <= 0 {
		return nil, fmt.Errorf("--idle-timeout %v and --max-age %v must be longer than nothing", f.idleTimeout, f.maxAge)
	}
	if err := engines.CheckChoice(f.dynamoDB); err != nil {
		return nil, fmt.Errorf("--dynamodb: %w", err)
	}
	if f.iam != "on" && f.iam != "off" {
		return nil, fmt.Errorf("--iam %s is neither on nor off", f.iam)
	}
	if _, err := npm.FindNode(ctx); err != nil {
		return nil, err
	}
	injector, err := f.faults.injector()
	if err != nil {
		return nil, err
	}
	r := &running{faults: injector}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.close())
		}
	}()

	var page string
	work, workCtx := errgroup.WithContext(ctx)
	work.Go(func() error { return f.assemble(workCtx, out, r) })
	work.Go(func() error { _, err := engines.Install(workCtx, out.say); return err })
	if withSite {
		work.Go(func() (err error) { page, err = site.Build(workCtx, out.say); return err })
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}

	options := local.Options{Assembly: r.assembly, Port: f.port, Logs: out.log, Progress: out.say, Faults: injector, DisableIAM: f.iam == "off", DynamoDB: f.dynamoDB,
		IdleTimeout: f.idleTimeout, MaxAge: f.maxAge, LowerPriority: f.lowerPriority, Environment: f.environment}
	if withSite || f.serve {
		r.page, r.site = withSite, site.New(page)
		options.Site = r.site
	}
	if f.adapt != nil {
		f.adapt(&options)
	}
	if r.Cloud, err = local.Start(ctx, options); err != nil {
		return nil, err
	}
	warnOfUnmatched(out, injector, r.Functions())
	r.openSite()
	r.started = time.Since(begin)
	if f.iam == "off" {
		out.warn("IAM is off: signatures are not checked and no policy is enforced. On AWS, calls that work here may be refused.")
	}
	return r, nil
}

// openSite tells the page what runs behind it.
func (r *running) openSite() {
	if apis := r.APIs(); r.site != nil && len(apis) > 0 {
		r.mint = r.minter()
		behind := site.Stack{WebSocketURL: apis[0].WebSocketURL, Mint: r.mint}
		if r.mint == nil && apis[0].Guarded {
			behind.Mint = func(string) (string, error) { return "", errForeignTokens }
		}
		r.site.SetStack(behind)
	}
}

// assemble synthesizes the app into a temporary folder, unless an assembly
// was named, by a flag or by the app's cdk.json.
func (f stackFlags) assemble(ctx context.Context, out console, r *running) error {
	if f.assembly != "" {
		r.assembly = f.assembly
		return f.context.forAssembly("--assembly")
	}
	dir, err := filepath.Abs(f.app)
	if err != nil {
		return err
	}
	if r.assembly, err = synth.Assembly(dir); err != nil {
		return err
	}
	if r.assembly != "" {
		return f.context.forAssembly(`the "app" of ` + filepath.Join(dir, "cdk.json"))
	}
	values, err := f.context.forSynthesis()
	if err != nil {
		return err
	}
	temp, err := os.MkdirTemp("", "roomcast-assembly-")
	if err != nil {
		return err
	}
	r.temp, r.assembly = temp, temp
	out.say("synthesizing the app of %s (the first time compiles the CDK: a minute or two)", filepath.Join(dir, "cdk.json"))
	options := synth.Options{Dir: dir, Out: temp, Context: values, Account: local.Account, Region: local.Region}
	if f.verbose {
		options.Stderr = out.progress
	}
	begin := time.Now()
	if err := synth.Run(ctx, options); err != nil {
		return err
	}
	r.synth = time.Since(begin)
	out.say("synthesized in %.1f s", r.synth.Seconds())
	return nil
}

// close ends the run and removes what was made for it.
func (r *running) close() error {
	var err error
	if r.Cloud != nil {
		err = r.Cloud.Close()
	}
	if r.temp != "" {
		err = errors.Join(err, os.RemoveAll(r.temp))
	}
	return err
}
