package fanout

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/apigatewaymanagementapi"

	"github.com/roomcast/roomcast/internal/apigateway"
	"github.com/roomcast/roomcast/internal/realtime/delivery"
)

// benchRegion and benchCredentials are what posts to a counting server are
// signed with. A session token is as long as those that Lambda gives are.
const benchRegion = "us-east-1"

func benchCredentials() aws.CredentialsProvider {
	token := make([]byte, 384)
	for i := range token {
		token[i] = 'A' + byte(i%26)
	}
	return aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("ASIAEXAMPLEEXAMPLE00", "secret", string(token)))
}

// newPoster returns Roomcast's own client.
func newPoster(q postsQuestion, frame []byte) post {
	poster := apigateway.NewPoster(aws.Config{Region: benchRegion, Credentials: benchCredentials()}, q.URL)
	payload := delivery.NewPayload(frame)
	return func(ctx context.Context, _, member int) error {
		return poster.Post(ctx, connectionID(member), payload)
	}
}

// newSDK returns the SDK's client.
func newSDK(q postsQuestion, frame []byte) post {
	o := apigatewaymanagementapi.Options{BaseEndpoint: &q.URL, Region: benchRegion, Credentials: benchCredentials()}
	if q.Client == clientSDK {
		o.Retryer = aws.NopRetryer{}
		o.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns, t.MaxIdleConnsPerHost = 2*q.Concurrency, 2*q.Concurrency
		})
	}
	client := apigatewaymanagementapi.New(o)
	return func(ctx context.Context, _, member int) error {
		_, err := client.PostToConnection(ctx, &apigatewaymanagementapi.PostToConnectionInput{
			ConnectionId: aws.String(connectionID(member)), Data: frame,
		})
		return err
	}
}
