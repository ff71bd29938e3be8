// Command api prints how the exported API of Go packages differs from baselines,
// or writes these. It is apidiff for baselines that are kept in a repository: they have no
// positions, so they are the same on every machine.
//
//	api [-accept] -module FOLDER BASELINES PACKAGE...
package main

import (
	"flag"
	"fmt"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// module is the prefix of the packages' paths that names of baselines leave out.
const module = "github.com/roomcast/roomcast/"

func main() {
	accept := flag.Bool("accept", false, "write the baselines")
	dir := flag.String("module", ".", "the `folder` of the module with the packages")
	flag.Parse()
	if flag.NArg() < 2 {
		fmt.Fprintln(os.Stderr, "invalid arguments: expected the folder of the baselines, and packages")
		os.Exit(2)
	}
	if err := run(*dir, flag.Arg(0), flag.Args()[1:], *accept); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run compares or writes the baselines.
func run(dir, folder string, paths []string, accept bool) error {
	loaded, err := packages.Load(&packages.Config{Dir: dir, Mode: packages.LoadTypes | packages.NeedDeps | packages.NeedImports}, paths...)
	if err != nil {
		return err
	}
	if packages.PrintErrors(loaded) > 0 {
		return fmt.Errorf("compare the API: the packages do not compile")
	}
	for _, p := range loaded {
		file := filepath.Join(folder, strings.ReplaceAll(strings.TrimPrefix(p.PkgPath, module), "/", ".")+".export")
		if accept {
			if err := write(file, p.Types); err != nil {
				return err
			}
			continue
		}
		report, err := compare(file, p.Types)
		if err != nil {
			return err
		}
		if report != "" {
			fmt.Printf("package %s\n%s\n", strings.TrimPrefix(p.PkgPath, module), report)
		}
	}
	return nil
}

// write writes the baseline of a package.
func write(file string, p *types.Package) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	// An empty set of files has no positions.
	if err := gcexportdata.Write(f, token.NewFileSet(), p); err != nil {
		return fmt.Errorf("write the API of %s: %w", p.Path(), err)
	}
	return f.Close()
}

// compare returns how a package differs from its baseline, "" if it does not.
func compare(file string, now *types.Package) (string, error) {
	f, err := os.Open(file)
	if os.IsNotExist(err) {
		return "the package is new\n", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	before, err := gcexportdata.Read(f, token.NewFileSet(), map[string]*types.Package{}, now.Path())
	if err != nil {
		return "", fmt.Errorf("read the baseline %s: %w", file, err)
	}
	var text strings.Builder
	if err := apidiff.Changes(before, now).Text(&text); err != nil {
		return "", err
	}
	return text.String(), nil
}
