package local

import (
	"archive/zip"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// socketApp is a template of a WebSocket API with a two-way route for each of
// the functions, whose properties are given by route key.
func socketApp(t *testing.T, functions map[string]string) string {
	t.Helper()
	resources := map[string]any{
		"Api":   json.RawMessage(`{"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}}`),
		"Stage": json.RawMessage(`{"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "live"}}`),
	}
	for key, properties := range functions {
		id := strings.Trim(key, "$")
		add := func(kind, text string) {
			resources[kind+id] = json.RawMessage(strings.NewReplacer("ID", id, "KEY", key, "PROPERTIES", properties).Replace(text))
		}
		add("Function", `{"Type": "AWS::Lambda::Function", "Properties": {PROPERTIES}}`)
		add("Permission", `{"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "FunctionID"}, "Principal": "apigateway.amazonaws.com"}}`)
		add("Integration", `{"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY",
			"IntegrationUri": {"Fn::Sub": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${FunctionID.Arn}/invocations"}}}`)
		add("Route", `{"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "KEY",
			"Target": {"Fn::Join": ["/", ["integrations", {"Ref": "IntegrationID"}]]}, "RouteResponseSelectionExpression": "$default"}}`)
		add("Response", `{"Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": {"ApiId": {"Ref": "Api"}, "RouteId": {"Ref": "RouteID"}, "RouteResponseKey": "$default"}}`)
	}
	text, err := json.Marshal(map[string]any{"Resources": resources})
	if err != nil {
		t.Fatal(err)
	}
	return assemblytest.Write(t, map[string]string{"S": string(text)})
}

const serverError = `{"message": "Internal server error"`

func answers(t *testing.T, socket *websocket.Conn, action, want string) {
	t.Helper()
	send(t, socket, `{"action":"`+action+`"}`)
	// AWS's own frames have spaces after their colons; compare without.
	got := strings.ReplaceAll(receive(t, socket), ": ", ":")
	if !strings.HasPrefix(got, strings.ReplaceAll(want, ": ", ":")) {
		t.Errorf("%s answers %s, want %s", action, got, want)
	}
}

// A failure in a function is an integration failure for API Gateway, and the
// connection and the function stay usable.
func TestWhatGoesWrongInAFunction(t *testing.T) {
	t.Parallel()
	logs := &recorder{}
	c := start(t, Options{DisableIAM: true, Logs: logs.add, Assembly: socketApp(t, map[string]string{
		"fine":      assemblytest.Inline(`async () => ({ statusCode: 200, body: "fine" })`),
		"fails":     assemblytest.Inline(`async () => { throw new Error("no luck") }`),
		"crashes":   assemblytest.Inline(`async () => process.exit(1)`),
		"hangs":     assemblytest.Inline(`async () => new Promise((resolve) => setTimeout(resolve, 60000))`) + `, "Timeout": 1`,
		"throttled": assemblytest.Inline(`async () => ({ statusCode: 200, body: "never" })`) + `, "ReservedConcurrentExecutions": 0`,
	})})
	socket := dial(t, c.APIs()[0].WebSocketURL)
	for action, want := range map[string]string{
		"fails":     `Invoke Error`,
		"crashes":   "Runtime exited with error: exit status 1",
		"hangs":     "Task timed out after 1.00 seconds",
		"throttled": "TooManyRequestsException",
	} {
		answers(t, socket, action, serverError)
		if !logs.has(want) {
			t.Errorf("nothing says %q: %q", want, logs.all())
		}
	}
	answers(t, socket, "fine", "fine")
}

// A $connect that is throttled fails the handshake.
func TestAThrottledConnect(t *testing.T) {
	t.Parallel()
	c := start(t, Options{DisableIAM: true, Assembly: socketApp(t, map[string]string{
		"$connect": assemblytest.Inline(`async () => ({ statusCode: 200 })`) + `, "ReservedConcurrentExecutions": 0`,
	})})
	_, response, err := websocket.Dial(t.Context(), c.APIs()[0].WebSocketURL, nil)
	if err == nil || response == nil || response.StatusCode < http.StatusInternalServerError {
		t.Errorf("the handshake ends with %v, %v, want a 5xx", response, err)
	}
}

// A function's code may be a zip file.
func TestAZippedAsset(t *testing.T) {
	t.Parallel()
	dir := socketApp(t, map[string]string{
		"zipped": `"Runtime": "nodejs22.x", "Handler": "lib/main.handler", "Code": {"S3Bucket": "b", "S3Key": "code.zip"}`,
	})
	writeZip(t, filepath.Join(dir, "code"), map[string]string{
		"lib/":        "",
		"lib/main.js": `exports.handler = async () => ({ statusCode: 200, body: require("./other.js") })`,
		// A second file shows that all files are extracted.
		"lib/other.js": `module.exports = "from a zip"`,
	})
	c := start(t, Options{DisableIAM: true, Assembly: dir})
	answers(t, dial(t, c.APIs()[0].WebSocketURL), "zipped", "from a zip")
	temp := c.temp
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(temp); !os.IsNotExist(err) {
		t.Errorf("the unpacked code is left: %v", err)
	}
}

func TestAZipThatLeadsOutOfItsFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "evil.zip")
	writeZip(t, file, map[string]string{"../evil.js": "x"})
	if err := unzip(file, t.TempDir()); err == nil || !strings.Contains(err.Error(), "invalid entry") {
		t.Errorf("error is %v", err)
	}
}

func writeZip(t *testing.T, file string, entries map[string]string) {
	t.Helper()
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	archive := zip.NewWriter(out)
	for name, content := range entries {
		entry, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAnEventSourceThatIsOff(t *testing.T) {
	t.Parallel()
	a, err := assembly.Open(assemblytest.Write(t, map[string]string{"S": `{"Resources": {
		"Q": {"Type": "AWS::SQS::Queue"},
		"F": {"Type": "AWS::Lambda::Function", "Properties": {` + assemblytest.Inline(`async () => { throw new Error("called") }`) + `}},
		"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}, "Enabled": false}}
	}}`}))
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.New(a)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Consumers(p.Queues[0]); got != "" {
		t.Errorf("the queue %s", got)
	}
	c := &Cloud{plan: p}
	if err := c.startSources(); err != nil || len(c.sources) != 0 {
		t.Errorf("%d sources were started, %v", len(c.sources), err)
	}
}
