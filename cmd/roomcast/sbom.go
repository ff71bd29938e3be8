package main

import (
	"encoding/json"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/gobuild"
	"github.com/roomcast/roomcast/internal/sbom"
)

const sbomHelp = `Prints a software bill of materials (CycloneDX, JSON) of a Go program: the
version of Go and every module that is compiled into it, with its checksum.

Without an argument it builds the program of Roomcast's functions, as a
deployment does, and prints its bill of materials.`

func sbomCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "sbom [program]",
		Short:   "List what the functions are made of",
		Long:    sbomHelp,
		Example: "  roomcast sbom > roomcast.cdx.json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				dir, err := gobuild.Handlers(gobuild.Lambda("arm64"))
				if err != nil {
					return err
				}
				args = []string{filepath.Join(dir, "bootstrap")}
			}
			bill, err := sbom.OfProgram(args[0])
			if err != nil {
				return err
			}
			out := json.NewEncoder(cmd.OutOrStdout())
			out.SetIndent("", "  ")
			return out.Encode(bill)
		},
	}
}
