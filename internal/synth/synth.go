// Package synth runs the CDK app of a cdk.json as the CDK CLI does, so that a
// local run needs neither the CLI nor an account.
package synth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	maps0 "maps"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/roomcast/roomcast/internal/childproc"
	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/internal/tail"
)

// Options say what to synthesize, and where to write it.
type Options struct {
	// Dir is the folder that holds cdk.json.
	Dir string
	// Out is the folder for the cloud assembly. It is created if it is missing.
	Out string
	// Context is added to the context of cdk.json and cdk.context.json, and takes
	// precedence.
	Context map[string]any
	// Account and Region are the app's CDK_DEFAULT_ACCOUNT and CDK_DEFAULT_REGION.
	// The environment of this process takes precedence, and is the default.
	Account, Region string
	// Stderr gets the app's output as it is written. Default: none; the end of the
	// output is in the error if the app fails.
	Stderr io.Writer
}

// HostContext makes Roomcast's constructs build the functions for this
// machine, so that the assembly can be run here.
func HostContext() map[string]any {
	return map[string]any{settings.ContextTarget: "host"}
}

// Run synthesizes the app into o.Out, after the command "build" of its cdk.json
// if there is one. Running commands are killed when ctx ends.
func Run(ctx context.Context, o Options) error {
	conf, err := readConfig(o.Dir)
	if err != nil {
		return err
	}
	if folder := conf.assembly(o.Dir); folder != "" {
		return fmt.Errorf("the app of %s is the cloud assembly %s, which needs no synthesis: run it as it is", filepath.Join(o.Dir, "cdk.json"), folder)
	}
	env, err := environment(conf, o)
	if err != nil {
		return err
	}
	if conf.Build != "" {
		if err := o.run(ctx, conf.Build, env, `the "build" of %s fails`); err != nil {
			return err
		}
	}
	command := conf.command(o.Dir)
	if err := o.run(ctx, command, env, "the app of %s does not synthesize"); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(o.Out, "manifest.json")); err != nil {
		return fmt.Errorf("%q succeeded but wrote no cloud assembly: call app.Synth in its program and do not set the output folder, which CDK_OUTDIR sets", command)
	}
	return nil
}

// run runs a command of cdk.json. what describes the failure in an error.
func (o Options) run(ctx context.Context, command string, env []string, what string) error {
	last := tail.New(256 << 10)
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = o.Dir
	cmd.Env = env
	cmd.Stdout = io.Discard
	cmd.Stderr = last
	if o.Stderr != nil {
		cmd.Stderr = io.MultiWriter(o.Stderr, last)
	}
	err := childproc.Run(ctx, cmd)
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return fmt.Errorf("synthesize %q: %w", command, ctx.Err())
	}
	return fmt.Errorf(what+" (%q: %v): correct it, or add --verbose to see its whole output:\n%s",
		filepath.Join(o.Dir, "cdk.json"), command, err, cause(last.String()))
}

// Assembly returns the folder of the cloud assembly that the cdk.json in dir
// names as its app, "" if its app is a command, which Run runs.
func Assembly(dir string) (string, error) {
	conf, err := readConfig(dir)
	if err != nil {
		return "", err
	}
	return conf.assembly(dir), nil
}

// config is the part of cdk.json that the CLI passes to an app.
type config struct {
	App     string         `json:"app"`
	Build   string         `json:"build"`
	Context map[string]any `json:"context"`
}

// assembly returns the folder of the app's cloud assembly, "" if the app is a
// command.
func (c config) assembly(dir string) string {
	path := within(dir, c.App)
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return ""
	}
	return path
}

// command returns the command that runs the app. A JavaScript file that is not
// executable is run by Node, as the CDK CLI does.
func (c config) command(dir string) string {
	info, err := os.Stat(within(dir, c.App))
	if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 == 0 && filepath.Ext(c.App) == ".js" {
		return `node "` + c.App + `"`
	}
	return c.App
}

// within returns a path that is relative to a folder, as seen from here.
func within(dir, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

func readConfig(dir string) (config, error) {
	var c config
	path := filepath.Join(dir, "cdk.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return c, fmt.Errorf("missing %s: run this in the folder of a CDK app, name it with --app, or name a synthesized cloud assembly with --assembly", path)
	}
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, fmt.Errorf("%s is not valid JSON: %w", path, err)
	}
	if c.App == "" {
		return c, fmt.Errorf(`missing "app" in %s: expected the command that runs the CDK app, such as "app": "go run .", or the folder of a cloud assembly`, path)
	}
	looked, err := os.ReadFile(filepath.Join(dir, "cdk.context.json"))
	if errors.Is(err, os.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	var cached map[string]any
	if err := json.Unmarshal(looked, &cached); err != nil {
		return c, fmt.Errorf("%s is not valid JSON: %w", filepath.Join(dir, "cdk.context.json"), err)
	}
	c.Context = overlay(cached, c.Context)
	return c, nil
}

// environment returns what the CDK CLI passes to an app: the output folder, and
// the context with the settings that the CDK library expects from the CLI.
func environment(c config, o Options) ([]string, error) {
	values := overlay(map[string]any{
		"aws:cdk:enable-path-metadata":  true,
		"aws:cdk:enable-asset-metadata": true,
		"aws:cdk:bundling-stacks":       []string{"**"},
	}, c.Context, o.Context)
	context, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("the context of cdk.json: %w", err)
	}
	out, err := filepath.Abs(o.Out)
	if err != nil {
		return nil, err
	}
	env := os.Environ()
	for name, value := range map[string]string{"CDK_DEFAULT_ACCOUNT": o.Account, "CDK_DEFAULT_REGION": o.Region} {
		if os.Getenv(name) == "" && value != "" {
			env = append(env, name+"="+value)
		}
	}
	return append(env,
		"CDK_OUTDIR="+out,
		"CDK_CONTEXT_JSON="+string(context),
		"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=1",
	), nil
}

// overlay merges maps; a later one takes precedence.
func overlay(maps ...map[string]any) map[string]any {
	all := map[string]any{}
	for _, m := range maps {
		maps0.Copy(all, m)
	}
	return all
}
