package local

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"
	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblytest"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// Every @connections request must be signed by known credentials. Callers without
// the permission learn nothing about the connection.
func TestCommandsNeedASignature(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Assembly: assemblytest.Write(t, map[string]string{"S": `{"Resources": {
		"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}},
		"Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "live"}}}}`})})
	api := c.APIs()[0]
	socket := dial(t, api.WebSocketURL)
	send(t, socket, "who am I?")
	_, rest, _ := strings.Cut(receive(t, socket), `"connectionId":"`)
	id, _, _ := strings.Cut(rest, `"`)

	own := c.Credentials()
	for _, test := range []struct{ name, key, secret, id, want string }{
		{"signed", own.AccessKeyID, own.SecretAccessKey, id, ""},
		{"gone", own.AccessKeyID, own.SecretAccessKey, "AAAAAAAAAAAAAAA=", "GoneException"},
		{"another secret", own.AccessKeyID, "guessed", id, "InvalidSignatureException"},
		{"another secret, gone", own.AccessKeyID, "guessed", "AAAAAAAAAAAAAAA=", "InvalidSignatureException"},
		{"an unknown key", "AKIAUNKNOWNUNKNOWN00", "guessed", id, "UnrecognizedClientException"},
	} {
		client := apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
			BaseEndpoint: aws.String(api.CallbackURL), Region: plan.Region, RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider(test.key, test.secret, ""),
		})
		_, err := client.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &test.id, Data: []byte("hello")})
		var refused smithy.APIError
		if errors.As(err, &refused); (err == nil) != (test.want == "") || err != nil && (refused == nil || refused.ErrorCode() != test.want) {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	if got := receive(t, socket); got != "hello" {
		t.Errorf("the client got %q", got)
	}
	response, err := http.Post(api.CallbackURL+"/@connections/"+id, "", strings.NewReader("hello"))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if kind := response.Header.Get("X-Amzn-ErrorType"); response.StatusCode != http.StatusForbidden || kind != "MissingAuthenticationTokenException" {
		t.Errorf("not signed: %s %s", response.Status, kind)
	}
}

// A function can close connections if its role permits that and nothing else;
// $disconnect runs after that.
func TestAFunctionClosesConnections(t *testing.T) {
	t.Parallel()
	logs := &recorder{}
	const role = `, "Role": {"Fn::GetAtt": ["Role", "Arn"]}`
	dir := socketApp(t, map[string]string{
		"closer":      assemblytest.Inline(`async () => ({ statusCode: 200 })`) + role,
		"$disconnect": assemblytest.Inline(`async (event) => { console.log("left " + event.requestContext.connectionId); return { statusCode: 200 } }`) + role,
	})
	addResources(t, dir, `{"Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "closer", "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": [
		{"Effect": "Allow", "Action": "logs:*", "Resource": "*"},
		{"Effect": "Allow", "Action": "execute-api:ManageConnections", "Resource": {"Fn::Sub": "arn:aws:execute-api:us-east-1:000000000000:${Api}/live/DELETE/@connections/*"}}]}}]}}}`)
	c := start(t, Options{Assembly: dir, Logs: logs.add})
	socket := dial(t, c.APIs()[0].WebSocketURL)
	send(t, socket, "who am I?")
	_, rest, _ := strings.Cut(receive(t, socket), `"connectionId":"`)
	id, _, _ := strings.Cut(rest, `"`)

	i := slices.IndexFunc(c.plan.Functions, func(f *plan.Function) bool { return f.LogicalID == "Functioncloser" })
	own := c.functions[c.plan.Functions[i]].Credentials()
	client := apigatewaymanagementapi.New(apigatewaymanagementapi.Options{
		BaseEndpoint: aws.String(c.APIs()[0].CallbackURL), Region: plan.Region, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(own.AccessKeyID, own.SecretAccessKey, own.SessionToken),
	})
	_, err := client.PostToConnection(t.Context(), &apigatewaymanagementapi.PostToConnectionInput{ConnectionId: &id, Data: []byte("hello")})
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "AccessDeniedException" {
		t.Errorf("posting ends with %v", err)
	}
	if _, err := client.DeleteConnection(t.Context(), &apigatewaymanagementapi.DeleteConnectionInput{ConnectionId: &id}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := socket.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusNormalClosure {
		t.Errorf("the client sees %v", err)
	}
	if !logs.has("left " + id) {
		t.Errorf("$disconnect has not run: %q", logs.all())
	}
}
