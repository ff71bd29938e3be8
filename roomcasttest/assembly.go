package roomcasttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"

	"github.com/roomcast/roomcast/internal/synth"
)

// Synth synthesizes the CDK app whose cdk.json lies in dir, with functions
// built for this machine, and returns the folder of its cloud assembly. Call
// remove when the tests are over.
//
// Run does this by itself for the folder of an app. Synth is for a test that
// wants the assembly for something else too.
func Synth(dir string) (assembly string, remove func(), err error) {
	out, err := synthesize(dir)
	return out, func() { _ = os.RemoveAll(out) }, err
}

func synthesize(dir string) (string, error) {
	out, err := os.MkdirTemp("", "roomcasttest-")
	if err != nil {
		return "", err
	}
	err = synth.Run(context.Background(), synth.Options{Dir: dir, Out: out, Context: synth.HostContext()})
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

// apps are the apps by the absolute paths of their folders.
var apps sync.Map

// assemblyOf returns the cloud assembly that a folder is, or that of the app
// that it holds.
func assemblyOf(dir string) (string, error) {
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
	known, _ := apps.LoadOrStore(path, &app{})
	a := known.(*app)
	a.once.Do(func() {
		if a.assembly, a.err = synthesize(path); a.err == nil {
			a.alive, a.err = removeAtExit(a.assembly)
		}
	})
	return a.assembly, a.err
}

// removeAtExit removes a folder when this process has ended, however it ends.
// A test binary has no last moment of its own unless its author writes a
// TestMain, so another process waits for the end of a pipe. Whoever lets go of
// the pipe before has the folder removed then.
func removeAtExit(dir string) (io.Closer, error) {
	// An interrupt from the terminal reaches both; the remover has to outlive it.
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
