package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/roomcast/roomcast/internal/local"
	"github.com/roomcast/roomcast/internal/synth"
)

// Assembly is the cloud assembly of a run.
type Assembly struct {
	Dir       string
	Synthesis time.Duration // 0 if the assembly existed before the run

	temporary bool
}

// Remove deletes the assembly if it was synthesized for the run.
func (a Assembly) Remove() error {
	if !a.temporary {
		return nil
	}
	return os.RemoveAll(a.Dir)
}

// Assemble synthesizes the app into a temporary folder, unless a flag or the
// app's cdk.json names an assembly. The caller removes the assembly.
func (f StackFlags) Assemble(ctx context.Context, out Console) (Assembly, error) {
	if f.Assembly != "" {
		return Assembly{Dir: f.Assembly}, f.Context.forAssembly("--assembly")
	}
	dir, err := filepath.Abs(f.App)
	if err != nil {
		return Assembly{}, err
	}
	named, err := synth.Assembly(dir)
	if err != nil {
		return Assembly{}, err
	}
	if named != "" {
		return Assembly{Dir: named}, f.Context.forAssembly(`the "app" of ` + filepath.Join(dir, "cdk.json"))
	}
	return f.synthesize(ctx, out, dir)
}

func (f StackFlags) synthesize(ctx context.Context, out Console, dir string) (Assembly, error) {
	values, err := f.Context.forSynthesis()
	if err != nil {
		return Assembly{}, err
	}
	temp, err := os.MkdirTemp("", "roomcast-assembly-")
	if err != nil {
		return Assembly{}, err
	}
	made := Assembly{Dir: temp, temporary: true}
	out.Say("synthesizing the app of %s (the first time compiles the CDK: a minute or two)", filepath.Join(dir, "cdk.json"))
	options := synth.Options{Dir: dir, Out: temp, Context: values, Account: local.Account, Region: local.Region}
	if f.Verbose {
		options.Stderr = out.Progress
	}
	begin := time.Now()
	if err := synth.Run(ctx, options); err != nil {
		return Assembly{}, errors.Join(err, made.Remove())
	}
	made.Synthesis = time.Since(begin)
	out.Say("synthesized in %.1f s", made.Synthesis.Seconds())
	return made, nil
}
