package local

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// guardedApp writes an assembly of an API whose $connect has an authorizer, and
// whose stage throttles the route "slow". own are further properties of the
// authorizer, more are further resources.
func guardedApp(t *testing.T, own, more string) string {
	t.Helper()
	program, err := bootstrap()
	if err != nil {
		t.Fatal(err)
	}
	const function = `{"Type": "AWS::Lambda::Function", "Properties": {"Handler": %q, "Runtime": "provided.al2023", "Code": {"S3Key": "code.zip"}, "Timeout": 10}}`
	const uri = `{"Fn::Join": ["", ["arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/", {"Fn::GetAtt": [%q, "Arn"]}, "/invocations"]]}`
	route := func(key, more string) string {
		return `{"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "` + key + `",
			"Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]}, ` + more + `}}`
	}
	response := func(route string) string {
		return `{"Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": {"ApiId": {"Ref": "Api"}, "RouteId": {"Ref": "` + route + `"}, "RouteResponseKey": "$default"}}`
	}
	const twoWay = `"RouteResponseSelectionExpression": "$default"`
	template := `{"Resources": {
		"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
		"Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "live",
			"DefaultRouteSettings": {"ThrottlingRateLimit": 1000, "ThrottlingBurstLimit": "1000"},
			"RouteSettings": {"slow": {"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 1}}}},
		"Guard": ` + fmt.Sprintf(function, "guard") + `, "Who": ` + fmt.Sprintf(function, "whoami") + `,
		"Authorizer": {"Type": "AWS::ApiGatewayV2::Authorizer", "Properties": {"ApiId": {"Ref": "Api"}, "AuthorizerType": "REQUEST", "Name": "guard",
			"AuthorizerUri": ` + fmt.Sprintf(uri, "Guard") + `, "IdentitySource": ["route.request.querystring.token"]` + own + `}},
		"Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "IntegrationUri": ` + fmt.Sprintf(uri, "Who") + `}},
		"Connect": ` + route("$connect", `"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Authorizer"}`) + `,
		"Default": ` + route("$default", twoWay) + `, "DefaultResponse": ` + response("Default") + `,
		"Slow": ` + route("slow", twoWay) + `, "SlowResponse": ` + response("Slow") + `,
		"MayCallWho": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com", "FunctionName": {"Ref": "Who"}}}
		` + more + `}}`
	dir := assemblytest.Write(t, map[string]string{"S": template})
	if err := os.Mkdir(filepath.Join(dir, "code"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "code", "bootstrap"), program, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// mayCallGuard is the permission that CDK makes for an authorizer's function.
const mayCallGuard = `, "MayCallGuard": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction",
	"Principal": "apigateway.amazonaws.com", "FunctionName": {"Fn::GetAtt": ["Guard", "Arn"]},
	"SourceArn": {"Fn::Sub": "arn:aws:execute-api:us-east-1:000000000000:${Api}/authorizers/${Authorizer}"}}}`

func TestAuthorizerOfATemplate(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Assembly: guardedApp(t, "", mayCallGuard)})
	url := c.APIs()[0].WebSocketURL
	for query, want := range map[string]int{
		"": 401, "?token=": 401, "?token=nobody": 401, "?token=eve": 403, "?token=broken": 500,
	} {
		_, response, err := websocket.Dial(t.Context(), url+query, nil)
		if err == nil || response == nil || response.StatusCode != want {
			t.Errorf("query %q: %v, %v, want %d", query, response, err, want)
		}
	}
	socket := dial(t, url+"?token=ada")
	send(t, socket, "hello")
	if got := receive(t, socket); got != `{"level":"7","principalId":"ada"}` {
		t.Errorf("the message's event says %s of the client", got)
	}
	t.Run("throttling", func(t *testing.T) {
		send(t, socket, `{"action":"slow"}`)
		receive(t, socket)
		send(t, socket, `{"action":"slow"}`)
		if got := receive(t, socket); !strings.HasPrefix(got, `{"message": "Too Many Requests"`) {
			t.Errorf("the second message is answered %s", got)
		}
	})
}

// Without identity sources, an empty list of them too, the function decides
// about every handshake, also one that brings nothing.
func TestAuthorizerWithoutIdentitySources(t *testing.T) {
	t.Parallel()
	const given = `"IdentitySource":["route.request.querystring.token"]`
	for _, instead := range []string{`"IdentitySource":[]`, `"Unused":0`} {
		dir := guardedApp(t, "", mayCallGuard)
		file := filepath.Join(dir, "S.template.json")
		template, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(template), given) {
			t.Fatalf("the template has no %s: %v", given, err)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(template), given, instead, 1)), 0o644); err != nil {
			t.Fatal(err)
		}
		c := start(t, Options{Assembly: dir})
		url := c.APIs()[0].WebSocketURL
		// This app's authorizer returns no principal if there is no token.
		for query, want := range map[string]int{"": 500, "?token=": 500, "?token=nobody": 401} {
			_, response, err := websocket.Dial(t.Context(), url+query, nil)
			if err == nil || response == nil || response.StatusCode != want {
				t.Errorf("%s, query %q: %v, %v, want %d", instead, query, response, err, want)
			}
		}
		// The last one of several values counts.
		dial(t, url+"?token=nobody&token=ada")
	}
}

func TestAuthorizerWithoutPermission(t *testing.T) {
	t.Parallel()
	logs := &recorder{}
	c := start(t, Options{Assembly: guardedApp(t, "", ""), Logs: logs.add})
	_, response, err := websocket.Dial(t.Context(), c.APIs()[0].WebSocketURL+"?token=ada", nil)
	if err == nil || response.StatusCode != http.StatusInternalServerError {
		t.Errorf("%v, %v, want 500", response, err)
	}
	if line := "API Gateway lacks the permission to call function Guard"; !logs.has(line) {
		t.Errorf("logs lack %q: %q", line, logs.all())
	}
}

// An authorizer that API Gateway invokes in a role needs no permission.
func TestAuthorizerWithARole(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Assembly: guardedApp(t, `, "AuthorizerCredentialsArn": "arn:aws:iam::000000000000:role/invoker"`, "")})
	dial(t, c.APIs()[0].WebSocketURL+"?token=ada")
}

func TestIAMAuthorizationOfATemplate(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Assembly: assemblytest.Write(t, map[string]string{"S": `{"Resources": {
		"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
		"Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "live"}},
		"Connect": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "RouteKey": "$connect", "AuthorizationType": "AWS_IAM"}}}}`})})
	url := c.APIs()[0].WebSocketURL
	own := aws.Credentials{AccessKeyID: c.Credentials().AccessKeyID, SecretAccessKey: c.Credentials().SecretAccessKey}
	wrong := aws.Credentials{AccessKeyID: own.AccessKeyID, SecretAccessKey: "guessed"}
	for name, test := range map[string]struct {
		signer *aws.Credentials
		want   int
	}{
		"signed": {&own, http.StatusSwitchingProtocols}, "not signed": {nil, http.StatusForbidden}, "signed with another secret": {&wrong, http.StatusForbidden},
	} {
		header, query := http.Header{}, ""
		if test.signer != nil {
			header, query = signHandshake(t, *test.signer, url)
		}
		for form, dialed := range map[string]func() (*http.Response, error){
			"header": func() (*http.Response, error) { return tryDial(t, url, header) },
			"query":  func() (*http.Response, error) { return tryDial(t, url+query, nil) },
		} {
			if response, err := dialed(); response == nil || response.StatusCode != test.want {
				t.Errorf("%s, in the %s: %v, %v, want %d", name, form, response, err, test.want)
			}
		}
	}
}

// signHandshake returns the headers, and the query, of a signed handshake.
func signHandshake(t *testing.T, by aws.Credentials, url string) (header http.Header, query string) {
	t.Helper()
	const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // SHA-256 of no body
	request := func(query string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.Replace(url, "ws:", "http:", 1)+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	signed := request("")
	if err := v4.NewSigner().SignHTTP(t.Context(), by, signed, nothing, "execute-api", plan.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	uri, _, err := v4.NewSigner().PresignHTTP(t.Context(), by, request("?X-Amz-Expires=60"), nothing, "execute-api", plan.Region, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, query, _ = strings.Cut(uri, "?")
	return signed.Header, "?" + query
}

func tryDial(t *testing.T, url string, header http.Header) (*http.Response, error) {
	t.Helper()
	socket, response, err := websocket.Dial(t.Context(), url, &websocket.DialOptions{HTTPHeader: header})
	if err == nil {
		t.Cleanup(func() { socket.CloseNow() })
	}
	return response, err
}

func TestLimitOfARoute(t *testing.T) {
	t.Parallel()
	const api = `"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}}`
	stage := func(settings string) *plan.Stage {
		p := planned(t, `{`+api+`, "S": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "s"`+settings+`}}}`)
		return p.Stages[0]
	}
	tests := []struct {
		name, settings, want string
	}{
		{"none", ``, "<nil>"},
		{"not about throttling", `, "DefaultRouteSettings": {"LoggingLevel": "INFO"}`, "<nil>"},
		{"default", `, "DefaultRouteSettings": {"ThrottlingRateLimit": 2.5, "ThrottlingBurstLimit": 4}`, "&{2.5 4}"},
		{"default without a burst", `, "DefaultRouteSettings": {"ThrottlingRateLimit": "7"}`, "&{7 5000}"},
		{"the route's own", `, "RouteSettings": {"join": {"ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2}}`, "&{1 2}"},
		{"another route's", `, "RouteSettings": {"leave": {"ThrottlingRateLimit": 1}}`, "<nil>"},
		{"both", `, "DefaultRouteSettings": {"ThrottlingRateLimit": 5, "ThrottlingBurstLimit": 6}, "RouteSettings": {"join": {"ThrottlingBurstLimit": 0}}`, "&{5 0}"},
	}
	for _, test := range tests {
		if got := fmt.Sprint(routeLimit(stage(test.settings), "join")); got != test.want {
			t.Errorf("%s: limit is %s, want %s", test.name, got, test.want)
		}
	}
}
