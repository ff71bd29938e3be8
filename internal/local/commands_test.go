package local

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"
	"github.com/aws/smithy-go"
)

// Every @connections request has to be signed, by somebody the cloud knows.
// Whoever is not told so learns nothing about the connection.
func TestCommandsNeedASignature(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Assembly: writeAssembly(t, map[string]string{"S": `{"Resources": {
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
			BaseEndpoint: aws.String(api.CallbackURL), Region: region, RetryMaxAttempts: 1,
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
