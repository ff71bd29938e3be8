// Command bootstrap is the function of the tests: aws-lambda-go's own runtime
// client around a handler for each thing that a function may do.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func main() {
	switch os.Getenv("_HANDLER") {
	case "init-exit":
		fmt.Fprintln(os.Stderr, "cannot start")
		os.Exit(3)
	case "init-zero":
		os.Exit(0)
	case "init-error":
		reportInitError()
	}
	handler, ok := handlers[os.Getenv("_HANDLER")]
	if !ok {
		fmt.Fprintln(os.Stderr, "no such handler")
		os.Exit(2)
	}
	lambda.Start(handler)
}

var handlers = map[string]any{
	"echo":        func(event json.RawMessage) (json.RawMessage, error) { return event, nil },
	"context":     describe,
	"environment": func() ([]string, error) { return os.Environ(), nil },
	"pid":         func() (int, error) { return os.Getpid(), nil },
	"sleep":       sleep,
	"fail":        func() error { return errors.New("no luck") },
	"panic":       func() error { panic("oh no") },
	"exit":        func() error { os.Exit(7); return nil },
	"large":       func() (string, error) { return strings.Repeat("x", 7<<20), nil },
	"log":         write,
	"clock":       func() (int64, error) { return time.Now().UnixMilli(), nil },
	"levels":      writeLevels,
	"work":        work,
	"child":       child,
	"broken":      func() (io.Reader, error) { return io.MultiReader(strings.NewReader("half"), broken{}), nil },
}

func describe(ctx context.Context) (map[string]any, error) {
	c, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	dir, _ := os.Getwd()
	return map[string]any{
		"requestId": c.AwsRequestID, "arn": c.InvokedFunctionArn, "trace": os.Getenv("_X_AMZN_TRACE_ID"),
		"leftMs": time.Until(deadline).Milliseconds(), "dir": dir,
	}, nil
}

// sleep sleeps for the milliseconds that the event says and returns its process id.
func sleep(ms int) (int, error) {
	time.Sleep(time.Duration(ms) * time.Millisecond)
	return os.Getpid(), nil
}

// work says when it begins and, after the event's milliseconds, when it ends.
func work(ms int) (string, error) {
	fmt.Println("begun")
	time.Sleep(time.Duration(ms) * time.Millisecond)
	fmt.Println("ended")
	return "done", nil
}

func write() error {
	fmt.Println("to stdout")
	fmt.Fprintln(os.Stderr, "to stderr")
	fmt.Println(strings.Repeat("y", 300<<10))
	return nil
}

// writeLevels writes a line of each level, and one without.
func writeLevels() error {
	for _, level := range []string{"trace", "DEBUG", "info", "WARN", "Error", "fatal", "unknown"} {
		fmt.Printf(`{"level":%q,"message":%q}`+"\n", level, level)
	}
	fmt.Println("plain")
	return nil
}

// child starts a process that would outlive this one, and returns its id.
func child() (int, error) {
	cmd := exec.Command("sleep", "60")
	err := cmd.Start()
	return cmd.Process.Pid, err
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("the stream broke") }

// reportInitError does what a runtime does whose code cannot be loaded.
func reportInitError() {
	body := bytes.NewReader([]byte(`{"errorType":"Runtime.ImportError","errorMessage":"no such module"}`))
	url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/init/error"
	answer, err := http.Post(url, "application/json", body)
	if err == nil {
		answer.Body.Close()
	}
	select {}
}
