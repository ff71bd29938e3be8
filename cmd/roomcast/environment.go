package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/roomcast/roomcast/internal/cli"
)

// environment returns the environment variables with which an AWS SDK, boto3 or
// the AWS CLI reaches a run, as an administrator.
func environment(r *cli.Running) (map[string]string, error) {
	environment := r.Environment()
	data, err := r.BotocoreData()
	if err != nil {
		return nil, err
	}
	environment["AWS_DATA_PATH"] = data
	return environment, nil
}

// announceEnvironment prints the variables to set in a shell so that its
// programs reach a run.
func announceEnvironment(w io.Writer, environment map[string]string) {
	fmt.Fprintln(w, "  To reach it with boto3, an AWS SDK or the AWS CLI, set in their shell:")
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		value := environment[name]
		if strings.ContainsAny(value, " '\"\\$`&;()<>|*?!#~") {
			value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
		}
		fmt.Fprintf(w, "    export %s=%s\n", name, value)
	}
}
