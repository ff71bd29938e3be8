package engines_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/roomcast/roomcast/internal/local/engines"
)

// helperVariable makes this test binary start both engines, print their
// endpoints and hang, so that a test can kill it.
const helperVariable = "ROOMCAST_TEST_ENGINES_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		if err := startAndHang(); err != nil {
			fmt.Println("error:", err)
		}
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func startAndHang() error {
	database, err := engines.StartDynamoDB(context.Background(), os.Getenv(engines.Variable), nil)
	if err != nil {
		return err
	}
	installed, err := engines.Install(context.Background(), nil)
	if err != nil {
		return err
	}
	queues, err := installed.Start(context.Background(), engines.SQS)
	if err != nil {
		return err
	}
	fmt.Println(database.Endpoint())
	fmt.Println(queues.Endpoint())
	select {}
}

func start(t *testing.T, kind engines.Kind) *engines.Engine {
	t.Helper()
	installed, err := engines.Install(t.Context(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	e, err := installed.Start(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func config(e *engines.Engine) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(e.Endpoint()), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
}

func listens(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	conn, err := net.DialTimeout("tcp", u.Host, time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func waitSilent(t *testing.T, endpoint string) {
	t.Helper()
	for range 500 {
		if !listens(endpoint) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("something still listens on %s", endpoint)
}

func TestDynamoDBSurvivesACallerThatGoesAway(t *testing.T) {
	t.Parallel()
	e := startDatabase(t)
	u, _ := url.Parse(e.Endpoint())
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: 100\r\n\r\n{", u.Host)
	time.Sleep(20 * time.Millisecond)
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
	time.Sleep(50 * time.Millisecond)
	if _, err := dynamodb.NewFromConfig(config(e)).ListTables(t.Context(), nil); err != nil {
		t.Errorf("the engine does not answer any more: %v", err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	t.Parallel()
	e := startDatabase(t)
	if name := e.Name(); name != "dynalite" && name != "DynamoDB Local" || e.Kind() != engines.DynamoDB {
		t.Errorf("the engine is %s for %s", name, e.Kind())
	}
	e.Close()
	e.Close()
	if listens(e.Endpoint()) {
		t.Error("a closed engine still listens")
	}
	select {
	case err := <-e.Failed():
		t.Errorf("a close was reported as a failure: %v", err)
	default:
	}
}

func TestACrashIsReported(t *testing.T) {
	t.Parallel()
	e := start(t, engines.SQS)
	if err := syscall.Kill(e.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-e.Failed():
		for _, want := range []string{"fauxqs", "sqs", "signal: killed"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("error %q lacks %q", err, want)
			}
		}
	case <-time.After(5 * time.Second):
		t.Fatal("nothing was reported")
	}
}

func TestEnginesEndWithTheirParent(t *testing.T) {
	t.Parallel()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), helperVariable+"=1")
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var endpoints []string
	for lines := bufio.NewScanner(out); len(endpoints) < 2 && lines.Scan(); {
		endpoints = append(endpoints, lines.Text())
	}
	if len(endpoints) < 2 || !listens(endpoints[0]) || !listens(endpoints[1]) {
		t.Errorf("the helper's engines do not listen: %q", endpoints)
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	for _, endpoint := range endpoints {
		waitSilent(t, endpoint)
	}
}
