// Command shout is the Lambda function behind the action shout: it publishes a text
// to a room in capitals.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/roomcast/roomcast/publish"
)

// frame is what a client sends.
type frame struct {
	// ClientID identifies the request. The answer repeats it, so that the client can
	// match the two.
	ClientID string `json:"clientId"`
	RoomID   string `json:"roomId"`
	Message  string `json:"message"`
}

// answer is what the client gets as a frame.
type answer struct {
	Type     string `json:"type"`
	ClientID string `json:"clientId,omitempty"`
	RoomID   string `json:"roomId,omitempty"`
	Seq      int64  `json:"seq,omitempty"`
	Code     string `json:"code,omitempty"`
	Message  string `json:"message,omitempty"`
}

func main() {
	publisher, err := publish.FromEnv(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	lambda.Start(shout{publisher}.handle)
}

type shout struct{ publisher *publish.Publisher }

// handle publishes the text of a frame. Its result reaches the client as a frame;
// an error becomes API Gateway's "Internal server error".
//
// Roomcast checks permissions for its own actions only, so this function has to
// decide who may shout and where. Here everybody who is connected may. The user is
// in event.RequestContext.Authorizer, as "userId".
func (s shout) handle(ctx context.Context, event events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	var f frame
	if err := json.Unmarshal([]byte(event.Body), &f); err != nil {
		return respond(answer{Type: "error", ClientID: f.ClientID, Code: "bad_field", Message: "roomId and message have to be strings"})
	}
	receipt, err := s.publisher.ToRoom(ctx, publish.Message{
		RoomID: f.RoomID,
		UserID: "shout",
		Text:   strings.ToUpper(f.Message) + "!",
	})
	if errors.Is(err, publish.ErrInvalid) {
		return respond(answer{Type: "error", ClientID: f.ClientID, Code: "bad_field", Message: err.Error()})
	}
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	return respond(answer{Type: "shouted", ClientID: f.ClientID, RoomID: f.RoomID, Seq: receipt.Seq})
}

func respond(a answer) (events.APIGatewayProxyResponse, error) {
	body, err := json.Marshal(a)
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK, Body: string(body)}, err
}
