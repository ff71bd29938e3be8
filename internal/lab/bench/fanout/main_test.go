package fanout

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// testRole makes this test program one of the bench's processes.
const testRole = "ROOMCAST_TEST_FANOUT"

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(testRole) {
	case "":
		os.Exit(m.Run())
	case "counting":
		err = Serve(context.Background(), 2*time.Millisecond, os.Stdin, os.Stdout)
	case "posting":
		err = Post(context.Background(), os.Stdin, os.Stdout)
	case "broken":
		fmt.Println("no JSON")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// process is this test program in a role.
func process(role string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), testRole+"="+role)
	return cmd
}
