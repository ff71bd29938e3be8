package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// announceEnvironment prints what to set in a shell so that programs there
// reach a run. No value needs quotes.
func announceEnvironment(w io.Writer, environment map[string]string) {
	fmt.Fprintln(w, "  To reach it with boto3, an AWS SDK or the AWS CLI, set in their shell:")
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		fmt.Fprintf(w, "    export %s=%s\n", name, environment[name])
	}
}
