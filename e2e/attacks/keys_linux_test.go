package attacks_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// keysOf returns the keys of a function of the stack, by the name of its
// handler, as an intruder would find them: in the environment of its process,
// which is a child of this one.
func (d *target) keysOf(t *testing.T, handler string) aws.Credentials {
	t.Helper()
	for _, pid := range children() {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
		if err != nil {
			continue // it has ended meanwhile
		}
		environment := map[string]string{}
		for variable := range strings.SplitSeq(string(data), "\x00") {
			name, value, _ := strings.Cut(variable, "=")
			environment[name] = value
		}
		if environment["_HANDLER"] == handler && environment["AWS_ENDPOINT_URL"] == d.Endpoint() {
			return aws.Credentials{
				AccessKeyID:     environment["AWS_ACCESS_KEY_ID"],
				SecretAccessKey: environment["AWS_SECRET_ACCESS_KEY"],
				SessionToken:    environment["AWS_SESSION_TOKEN"],
			}
		}
	}
	t.Fatalf("no process of the function %s was found", handler)
	return aws.Credentials{}
}

// children returns the child processes of this one.
func children() (pids []int) {
	lists, _ := filepath.Glob("/proc/self/task/*/children") // the pattern is valid
	for _, list := range lists {
		data, _ := os.ReadFile(list)
		for field := range strings.FieldsSeq(string(data)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}
