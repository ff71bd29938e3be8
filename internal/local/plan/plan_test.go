package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/assembly"
	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
)

func TestPlanOfAForeignApp(t *testing.T) {
	t.Parallel()
	a, err := assembly.Open("../testdata/foreign")
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(a)
	if err != nil {
		t.Fatal(err)
	}

	handler, worker := p.Functions[0], p.Functions[1]
	if handler.Label != "Handler" || worker.Label != "worker" || worker.Name != "worker" {
		t.Errorf("functions are %s and %s (%s)", handler.Label, worker.Label, worker.Name)
	}
	if handler.Memory != 256 || handler.Timeout.Seconds() != 5 || worker.Memory != 128 || worker.Timeout.Seconds() != 3 || *worker.Reserved != 2 {
		t.Errorf("settings are %+v and %+v", handler, worker)
	}
	want := map[string]string{
		"TABLE": p.Tables[0].Name,
		"QUEUE": "https://sqs.us-east-1.amazonaws.com/000000000000/" + p.Queues[1].Name,
		"DEPTH": "3",
		"STAGE": "dev",
	}
	if got := handler.Environment; len(got) != len(want) {
		t.Errorf("environment is %v, want %v", got, want)
	}
	for name, value := range want {
		if handler.Environment[name] != value {
			t.Errorf("%s is %q, want %q", name, handler.Environment[name], value)
		}
	}
	if q := p.Queues[0]; q.Label != "Dead" || !strings.HasSuffix(q.Name, ".fifo") {
		t.Errorf("the first queue is %s (%s), want the one that the other redrives to", q.Label, q.Name)
	}
	if s := p.Sources[0]; s.Queue != p.Queues[1] || s.Function != worker || !s.ReportsFailures() || s.Properties.BatchSize != 5 {
		t.Errorf("the event source is %+v", s)
	}
	checkRoutes(t, p)
	checkNotes(t, p)
}

func checkRoutes(t *testing.T, p *Plan) {
	t.Helper()
	a := p.APIs[0]
	if len(a.ID) != 10 || len(a.Stages) != 1 {
		t.Errorf("API %s has %d stages", a.ID, len(a.Stages))
	}
	got := map[string]string{}
	for _, r := range a.Routes {
		var marks []string
		if r.TwoWay {
			marks = append(marks, "two-way")
		}
		if f := r.Integration.Function; f == nil {
			marks = append(marks, "mock")
		} else if !p.MayInvoke(f, a, "live", r.Properties.RouteKey) {
			marks = append(marks, "denied")
		}
		got[r.Properties.RouteKey] = strings.Join(marks, " ")
	}
	want := map[string]string{"$connect": "", "$default": "two-way", "job": "", "locked": "denied", "ping": "mock"}
	for key, marks := range want {
		if value, ok := got[key]; !ok || value != marks {
			t.Errorf("route %s is %q, want %q", key, value, marks)
		}
	}
}

func checkNotes(t *testing.T, p *Plan) {
	t.Helper()
	want := []string{
		"not emulated: AWS::SQS::QueuePolicy (DeadPolicyB5652646)",
		"not emulated: AWS::CloudWatch::Alarm (DeadAlarm8AE6B9D2)",
		"not emulated: StreamSpecification of Items5C12978B (AWS::DynamoDB::GlobalTable)",
	}
	if got := p.Notes(); !slices.Equal(got, want) {
		t.Errorf("notes are:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The same assembly has the same ids and names every time: people put them
// into their notes, and other tools into their caches.
func TestNamesAreStable(t *testing.T) {
	t.Parallel()
	resources := `{"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
		"Queue": {"Type": "AWS::SQS::Queue"}, "Fifo": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": "true"}},
		"Named": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "orders"}}}`
	first, second := mustPlan(t, resources), mustPlan(t, resources)
	for i, q := range first.Queues {
		if q.Name != second.Queues[i].Name {
			t.Errorf("queue %s is %s and then %s", q.Label, q.Name, second.Queues[i].Name)
		}
	}
	if a, b := first.APIs[0].ID, second.APIs[0].ID; a != b || len(a) != 10 || strings.ToLower(a) != a {
		t.Errorf("API ids are %s and %s", a, b)
	}
	if got := first.Queues[0].Name; !strings.HasPrefix(got, "S-Queue-") || len(got) != len("S-Queue-")+12 {
		t.Errorf("a queue without a name is called %s", got)
	}
	if got := first.Queues[1].Name; !strings.HasPrefix(got, "S-Fifo-") || !strings.HasSuffix(got, ".fifo") {
		t.Errorf("a FIFO queue without a name is called %s", got)
	}
	if got := first.Queues[2].Name; got != "orders" {
		t.Errorf("a queue with a name is called %s", got)
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	const (
		function = `"Type": "AWS::Lambda::Function", "Properties": {"Handler": "h", "Code": {"S3Key": "code.zip"}, "Runtime": `
		api      = `"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}}`
		queue    = `"Q": {"Type": "AWS::SQS::Queue"}, "F": {` + function + `"provided.al2023"}}`
	)
	mapping := func(more string) string {
		return queue + `, "M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}, ` + more + `}}`
	}
	fifo := func(more string) string {
		return strings.Replace(mapping(more), `"AWS::SQS::Queue"`, `"AWS::SQS::Queue", "Properties": {"FifoQueue": true}`, 1)
	}
	redriving := func(from, to string) string {
		return `"D": {"Type": "AWS::SQS::Queue", "Properties": {` + to + `}}, "Q": {"Type": "AWS::SQS::Queue", "Properties": {` + from +
			`"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["D", "Arn"]}, "maxReceiveCount": 2}}}`
	}
	// called is a function that a queue feeds.
	called := func(properties string) string {
		return `"Q": {"Type": "AWS::SQS::Queue"}, "F": {"Type": "AWS::Lambda::Function", "Properties": {` + properties + `}},
			"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F"}, "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}}}`
	}
	tests := []struct{ name, resources, want string }{
		{"an unknown type", `"B": {"Type": "AWS::S3::Bucket"}`, "B (AWS::S3::Bucket) does not run locally: leave it out in a local run"},
		{"every unknown type", `"B": {"Type": "AWS::S3::Bucket"}, "C": {"Type": "AWS::EC2::Instance"}`, "\nC (AWS::EC2::Instance) does not run locally"},
		{"a type with a remedy", `"A": {"Type": "AWS::Lambda::Alias"}`, "A (AWS::Lambda::Alias) does not run locally: use the function itself instead of the alias"},
		{"an authorizer of HTTP APIs", `"A": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {"AuthorizerType": "JWT"}}`, "invalid AuthorizerType \"JWT\": expected REQUEST"},
		{"an authorizer that keeps results", `"A": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {"AuthorizerType": "REQUEST", "AuthorizerResultTtlInSeconds": 60}}`, "invalid AuthorizerResultTtlInSeconds"},
		{"an authorizer without a function", `"A": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {"AuthorizerType": "REQUEST", "AuthorizerUri": "x"}}`, `invalid AuthorizerUri "x"`},
		{"an HTTP API", `"A": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}}`, "invalid ProtocolType \"HTTP\""},

		{"another runtime", called(`"Runtime": "python3.13", "Code": {"S3Key": "code.zip"}`), "F (AWS::Lambda::Function): invalid Runtime \"python3.13\": expected a nodejs runtime"},
		{"an image", called(`"PackageType": "Image"`), "container image"},
		{"layers", called(`"Runtime": "nodejs22.x", "Code": {"S3Key": "code.zip"}, "Layers": [{"Ref": "L"}]`) + `, "L": {"Type": "AWS::Lambda::LayerVersion"}`, "layers do not run locally"},
		{"another processor", called(`"Runtime": "provided.al2023", "Code": {"S3Key": "code.zip"}, "Architectures": ["mips"]`), `invalid Architectures ["mips"]: expected x86_64 or arm64`},
		{"two processors", called(`"Runtime": "provided.al2023", "Code": {"S3Key": "code.zip"}, "Architectures": ["x86_64", "arm64"]`), "expected x86_64 or arm64"},
		{"an inline program", called(`"Runtime": "provided.al2023", "Code": {"ZipFile": "x"}`), "the code is not an asset"},
		{"no code", called(`"Runtime": "nodejs22.x"`), "the code is not an asset"},
		{"an unknown asset", `"F": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Code": {"S3Key": "beef.zip"}}}`, `unknown object "beef.zip"`},
		{"a property of another type", `"F": {` + function + `"provided.al2023", "Timeout": "soon"}}`, `invalid properties: invalid number "soon"`},
		{"an unknown reference", `"F": {` + function + `{"Ref": "Nobody"}}}`, "F: Runtime.Ref: unknown resource or parameter Nobody"},

		{"a FIFO queue of another name", `"Q": {"Type": "AWS::SQS::Queue", "Properties": {"FifoQueue": true, "QueueName": "jobs"}}`, `invalid QueueName "jobs": expected a name that ends in .fifo`},
		{"a FIFO queue with standard dead letters", redriving(`"FifoQueue": true,`, ""), "Q (AWS::SQS::Queue): invalid RedrivePolicy: the dead-letter queue D (AWS::SQS::Queue) has another type"},
		{"a standard queue with FIFO dead letters", redriving("", `"FifoQueue": true`), "make both FIFO queues or neither"},
		{"a table without a key", `"T": {"Type": "AWS::DynamoDB::Table"}`, "missing KeySchema"},

		{"a stream", `"F": {` + function + `"provided.al2023"}}, "M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F"}, "EventSourceArn": "arn:aws:dynamodb:us-east-1:1:table/T/stream/1"}}`, "only SQS queues run locally"},
		{"a foreign queue", `"F": {` + function + `"provided.al2023"}}, "M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "F"}, "EventSourceArn": "arn:aws:sqs:us-east-1:1:q"}}`, "unknown queue arn:aws:sqs:us-east-1:1:q: expected"},
		{"a foreign function", `"Q": {"Type": "AWS::SQS::Queue"}, "M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": "other", "EventSourceArn": {"Fn::GetAtt": ["Q", "Arn"]}}}`, "unknown function other: expected"},
		{"a short visibility", strings.Replace(mapping(`"BatchSize": 1`), `"AWS::SQS::Queue"`, `"AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 2}`, 1), "visibility timeout 2s is shorter than the function's timeout 3s"},
		{"a FIFO batch of 11", fifo(`"BatchSize": 11`), "invalid BatchSize 11: expected 1 to 10 for a FIFO queue"},
		{"a FIFO window", fifo(`"MaximumBatchingWindowInSeconds": 1`), "FIFO queues have no batching window"},
		{"a window of minutes", mapping(`"BatchSize": 20, "MaximumBatchingWindowInSeconds": 301`), "invalid MaximumBatchingWindowInSeconds 301: expected 0 to 300"},
		{"a window of less than nothing", mapping(`"MaximumBatchingWindowInSeconds": -1`), "invalid MaximumBatchingWindowInSeconds -1"},
		{"a concurrency of 1", mapping(`"ScalingConfig": {"MaximumConcurrency": 1}`), "invalid MaximumConcurrency 1: expected 2 to 1000"},
		{"no concurrency", mapping(`"ScalingConfig": {"MaximumConcurrency": 0}`), "invalid MaximumConcurrency 0"},
		{"a concurrency of 1001", mapping(`"ScalingConfig": {"MaximumConcurrency": "1001"}`), "invalid MaximumConcurrency 1001"},
		{"a batch of 0", mapping(`"BatchSize": 0`), "invalid BatchSize 0: expected 1 to 10000"},
		{"a filter", mapping(`"FilterCriteria": {"Filters": [{"Pattern": "{}"}]}`), "FilterCriteria do not run locally"},
		{"a large batch at once", mapping(`"BatchSize": 11`), "invalid BatchSize 11: more than 10 require"},

		{"a route of another API", `"R": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": "x"}}`, `unknown API "x"`},
		{"a stage of another API", `"S": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": "x"}}`, `unknown API "x"`},
		{"a route to nowhere", api + `, "R": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "Target": "integrations/x"}}`, `invalid Target "integrations/x"`},
		{"a protected route", api + `, "R": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "join", "AuthorizationType": "CUSTOM"}}`, "only $connect can have one"},
		{"a route with a JWT", api + `, "R": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "$connect", "AuthorizationType": "JWT"}}`, "invalid AuthorizationType \"JWT\""},
		{"a route of nobody's authorizer", api + `, "R": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "$connect", "AuthorizationType": "CUSTOM", "AuthorizerId": "x"}}`, `invalid AuthorizerId "x"`},
		{"an HTTP integration", api + `, "I": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, "IntegrationType": "HTTP_PROXY"}}`, "invalid IntegrationType \"HTTP_PROXY\""},
		{"an integration with nobody", api + `, "I": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": "x"}}`, `invalid IntegrationUri "x": expected the URI of a function in the app; define it in the app, or leave out its users`},
		{"a mock that answers", api + `, "I": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, "IntegrationType": "MOCK"}},
			"R": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "I"}]]}, "RouteResponseSelectionExpression": "$default"}},
			"RR": {"Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": {"ApiId": {"Ref": "Api"}, "RouteId": {"Ref": "R"}, "RouteResponseKey": "$default"}}`, "responses of MOCK integrations do not run locally"},

		{"a circle", `"A": {"Type": "AWS::SQS::Queue", "DependsOn": "B"}, "B": {"Type": "AWS::SQS::Queue", "DependsOn": "A"}`, "circular dependency between resources: A → B → A"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := tryPlan(t, "{"+test.resources+"}")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want in it %q", err, test.want)
			}
		})
	}
}

func TestStacksImportFromEachOther(t *testing.T) {
	t.Parallel()
	dir := assemblytest.Write(t, map[string]string{
		// The importing stack comes first: order must not matter.
		"A": `{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": "B:Name"}}}}}`,
		"B": `{"Resources": {}, "Outputs": {"Name": {"Value": "imported", "Export": {"Name": "B:Name"}}}}`,
	})
	a, err := assembly.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(a)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Queues[0].Name; got != "imported" {
		t.Errorf("the queue is called %q", got)
	}
}

func TestStacksCannotImportInACircle(t *testing.T) {
	t.Parallel()
	dir := assemblytest.Write(t, map[string]string{
		"A": `{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": "B:Name"}}}}, "Outputs": {"N": {"Value": 1, "Export": {"Name": "A:Name"}}}}`,
		"B": `{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::ImportValue": "A:Name"}}}}, "Outputs": {"N": {"Value": 1, "Export": {"Name": "B:Name"}}}}`,
	})
	a, err := assembly.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(a); err == nil || !strings.Contains(err.Error(), `no other stack of this cloud assembly exports "A:Name"`) {
		t.Errorf("error is %v", err)
	}
}

func mustPlan(t *testing.T, resources string) *Plan {
	t.Helper()
	p, err := tryPlan(t, resources)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// tryPlan plans an assembly of one stack S with these resources.
func tryPlan(t *testing.T, resources string) (*Plan, error) {
	t.Helper()
	a, err := assembly.Open(assemblytest.Write(t, map[string]string{"S": `{"Resources": ` + resources + `}`}))
	if err != nil {
		t.Fatal(err)
	}
	return New(a)
}
