package main

import (
	"bytes"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/roomcast/roomcast/internal/lab/report"
	"github.com/roomcast/roomcast/internal/lab/results"
)

func reportCommand() *cobra.Command {
	var docs string
	cmd := &cobra.Command{
		Use: "report", Short: "Write docs/benchmarks.md from the result files",
		Long: "Reads the files in docs/results, which the benches and torture write with --save, and writes\ndocs/benchmarks.md and docs/images/fanout.svg.",
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			files, err := results.Load(filepath.Join(docs, "results"))
			if err != nil {
				return err
			}
			var page bytes.Buffer
			if err := report.Write(&page, files); err != nil {
				return err
			}
			picture, err := report.Curve(files)
			if err != nil {
				return err
			}
			if picture != nil {
				if err := os.WriteFile(filepath.Join(docs, "images", "fanout.svg"), picture, 0o644); err != nil {
					return err
				}
			}
			return os.WriteFile(filepath.Join(docs, "benchmarks.md"), page.Bytes(), 0o644)
		},
	}
	cmd.Flags().StringVar(&docs, "docs", "docs", "`folder` of the documentation")
	return cmd
}
