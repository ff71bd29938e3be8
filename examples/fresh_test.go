package examples

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestAFreshModule follows README.md, "Import it", word for word: a module with
// the snippets of the README and two routes of its own runs with
// `go tool roomcast up`, and the Go client calls both routes.
func TestAFreshModule(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	commands, snippets := importIt(t, readFile(t, filepath.Join(root, "README.md")))
	m := fresh{dir: t.TempDir(), env: append(os.Environ(),
		"GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local", "GOFLAGS=-buildvcs=false",
		// What the module cache has needs no network.
		"GOPROXY=file://"+filepath.ToSlash(filepath.Join(goEnv(t, "GOMODCACHE"), "cache", "download"))+","+goEnv(t, "GOPROXY"),
	)}
	for path, text := range map[string]string{
		"cdk.json":              `{"app":"go run ."}`,
		"main.go":               strings.Replace(freshApp, "README", snippets[0], 1),
		"lambdas/shout/main.go": strings.Replace(freshShout, "README", snippets[1], 1),
		"lambdas/echo/main.go":  freshEcho,
		"ask/main.go":           strings.Replace(freshAsk, "README", snippets[2], 1),
	} {
		writeFile(t, filepath.Join(m.dir, filepath.FromSlash(path)), text)
	}
	m.run(t, "go", "mod", "init", "example.com/fresh")
	// The clone is not beside this module, but it is the same clone.
	m.run(t, "sh", "-euc", strings.ReplaceAll(commands, "=../roomcast", "="+root))

	ready := m.up(t)
	token, err := get(ready.TokenURL + "ada")
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Fields(m.run(t, "go", "run", "./ask", ready.WebSocketURL, token))
	want := []string{`HELLO`, `{"type":"shouted","clientId":"ID","seq":1}`, `{"type":"echoed","clientId":"ID","text":"<hi>"}`}
	for i, answer := range answers {
		answers[i] = regexp.MustCompile(`"clientId":"[^"]+"`).ReplaceAllString(answer, `"clientId":"ID"`)
	}
	if strings.Join(answers, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q, want %q", answers, want)
	}
}

// importIt returns the commands of the README's section, and the Go snippets of
// the README.
func importIt(t *testing.T, readme string) (commands string, snippets []string) {
	t.Helper()
	_, section, _ := strings.Cut(readme, "\n## Import it\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for block := range strings.SplitSeq(section, "\n\n") {
		if commands == "" && strings.HasPrefix(block, "    go mod edit ") {
			commands = block
		}
	}
	all := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(readme, -1)
	for _, about := range []string{"NewChatApi(", "publish.FromEnv(", "client.Request("} {
		for _, match := range all {
			if strings.Contains(match[1], about) {
				snippets = append(snippets, match[1])
				break
			}
		}
	}
	if !strings.Contains(commands, "=../roomcast") || len(snippets) != 3 {
		t.Fatalf("README.md, Import it: found the commands %q and the snippets %q, expected three", commands, snippets)
	}
	return commands, snippets
}

// fresh is a module in a folder of its own.
type fresh struct {
	dir string
	env []string
}

// run runs a command in the module's folder and returns what it prints.
func (m fresh) run(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = m.dir, m.env
	var errors bytes.Buffer
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, errors.String())
	}
	return string(out)
}

// ready is what `roomcast up` says when it is.
type ready struct{ WebSocketURL, TokenURL string }

// up runs the module's app until the end of the test.
func (m fresh) up(t *testing.T) (r ready) {
	t.Helper()
	cmd := exec.Command("go", "tool", "roomcast", "up", "--json")
	cmd.Dir, cmd.Env = m.dir, m.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go tool and what it runs
	var errors bytes.Buffer
	cmd.Stderr = &errors
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop := sync.OnceFunc(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGINT)
		kill := time.AfterFunc(20*time.Second, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
		_ = cmd.Wait()
		kill.Stop()
	})
	t.Cleanup(stop)
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil || r.WebSocketURL == "" || r.TokenURL == "" {
		stop()
		t.Fatalf("roomcast up printed %q: %v\n%s", line, err, errors.String())
	}
	return r
}

func get(url string) (string, error) {
	client := &http.Client{Timeout: 10 * time.Second}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

// What stands around the snippets of the README.
const (
	freshApp = `package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/roomcast/roomcast/roomcastcdk"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Fresh"), nil)
README
	echo := roomcastcdk.NewGoFunction(stack, jsii.String("Echo"), &roomcastcdk.GoFunctionProps{
		Entry: jsii.String("./lambdas/echo"),
	})
	chat.AddRoute(jsii.String("echo"), echo.Function, nil)
	app.Synth(nil)
}
`
	freshShout = `package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/roomcast/roomcast/publish"
)

func main() { lambda.Start(shout) }

func shout(ctx context.Context, event events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	var frame struct{ ClientID string }
	if err := json.Unmarshal([]byte(event.Body), &frame); err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
README
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	body := fmt.Sprintf("{\"type\":\"shouted\",\"clientId\":%q,\"seq\":%d}", frame.ClientID, receipt.Seq)
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: body}, nil
}
`
	freshEcho = `package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(echo) }

func echo(_ context.Context, event events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	var frame struct{ ClientID, Text string }
	if err := json.Unmarshal([]byte(event.Body), &frame); err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	body := fmt.Sprintf("{\"type\":\"echoed\",\"clientId\":%q,\"text\":%q}", frame.ClientID, frame.Text)
	return events.APIGatewayProxyResponse{StatusCode: 200, Body: body}, nil
}
`
	freshAsk = `package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	said := make(chan string, 10)
	client, err := roomcastclient.New(roomcastclient.Options{
		URL:       os.Args[1],
		Token:     func(context.Context) (string, error) { return os.Args[2], nil },
		OnMessage: func(m roomcastclient.Message) { said <- m.Text },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Room("lobby").Join(ctx); err != nil {
		log.Fatal(err)
	}
README
	if err != nil {
		log.Fatal(err)
	}
	echoed, err := client.Request(ctx, "echo", map[string]any{"text": "<hi>"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s\n%s\n%s\n", <-said, reply.JSON, echoed.JSON)
}
`
)
