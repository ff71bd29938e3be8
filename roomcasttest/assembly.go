package roomcasttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/synth"
)

// Synth synthesizes the CDK app whose cdk.json is in dir, with functions built for
// this machine, and returns the folder of its cloud assembly. Call remove when the
// tests are over. Of the options only WithOpenAuth and WithContext have an effect.
//
// Run does this itself for the folder of an app. Use Synth if a test needs the
// assembly for something else too.
func Synth(dir string, options ...Option) (assembly string, remove func(), err error) {
	var conf config
	for _, option := range options {
		option(&conf)
	}
	out, err := synthesize(dir, conf.context)
	return out, func() { _ = os.RemoveAll(out) }, err
}

func synthesize(dir string, values map[string]any) (string, error) {
	out, err := os.MkdirTemp("", "roomcasttest-")
	if err != nil {
		return "", err
	}
	all := synth.HostContext()
	maps.Copy(all, values)
	err = synth.Run(context.Background(), synth.Options{Dir: dir, Out: out, Context: all, Account: local.Account, Region: local.Region})
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(out))
	}
	return out, nil
}

// app is a CDK app that tests of this process run.
type app struct {
	once     sync.Once
	assembly string
	err      error
	alive    io.Closer // its end tells the remover that this process has ended
}

// apps are the apps by the absolute paths of their folders and their contexts.
var apps sync.Map

// synthesized returns the cloud assembly that a folder is, or that its cdk.json
// names; "" if the folder holds an app that has to be synthesized.
func synthesized(dir string) (string, error) {
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err == nil {
		return dir, nil
	}
	if _, err := os.Stat(filepath.Join(dir, "cdk.json")); err != nil {
		return "", errors.New("the folder holds neither a manifest.json, as a cloud assembly (cdk.out) does, nor a cdk.json, as a CDK app does")
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return synth.Assembly(path)
}

// assemblyOf returns the cloud assembly that a folder is or names, or that of the
// app that it holds, synthesized with a context.
func assemblyOf(dir string, values map[string]any) (string, error) {
	switch made, err := synthesized(dir); {
	case err != nil:
		return "", err
	case made != "":
		return made, forAssembly(values)
	}
	path, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	key, err := json.Marshal(values)
	if err != nil {
		return "", fmt.Errorf("the context of the app: %w", err)
	}
	known, _ := apps.LoadOrStore(path+"\n"+string(key), &app{})
	a := known.(*app)
	a.once.Do(func() {
		if a.assembly, a.err = synthesize(path, values); a.err == nil {
			a.alive, a.err = removeAtExit(a.assembly)
		}
	})
	return a.assembly, a.err
}

// forAssembly refuses a context for a cloud assembly.
func forAssembly(values map[string]any) error {
	if len(values) > 0 {
		return errors.New("the folder holds a cloud assembly, which was synthesized with its own context: leave WithOpenAuth and WithContext out, or name the folder of the app")
	}
	return nil
}

// removeAtExit removes a folder when this process has ended, however it ends. A test
// binary runs nothing at its end unless its author writes a TestMain, so another
// process waits for the end of a pipe. Closing the pipe removes the folder earlier.
func removeAtExit(dir string) (io.Closer, error) {
	// An interrupt from the terminal reaches both processes, and this one must
	// survive it.
	cmd := exec.Command("sh", "-c", `trap '' INT TERM HUP; cat >/dev/null; rm -rf "$0"`, dir)
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start what removes %s: %w", dir, err)
	}
	return pipe, nil
}
