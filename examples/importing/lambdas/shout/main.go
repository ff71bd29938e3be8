// Command shout is the Lambda function behind the action shout: it says to a
// room what it got, in capitals.
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
	RoomID  string `json:"roomId"`
	Message string `json:"message"`
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

// handle publishes what the frame says. What it returns reaches the client as a
// frame; an error reaches it as API Gateway's own "Internal server error".
//
// Who may shout, and where, is for this function to say: Roomcast checks that for
// its own actions only. Here everybody may who is connected. Who that is, is in
// event.RequestContext.Authorizer, as "userId".
func (s shout) handle(ctx context.Context, event events.APIGatewayWebsocketProxyRequest) (events.APIGatewayProxyResponse, error) {
	var f frame
	if err := json.Unmarshal([]byte(event.Body), &f); err != nil {
		return refuse("roomId and message have to be strings")
	}
	receipt, err := s.publisher.ToRoom(ctx, publish.Message{
		RoomID:  f.RoomID,
		UserID:  "shout",
		Message: strings.ToUpper(f.Message) + "!",
	})
	if errors.Is(err, publish.ErrInvalid) {
		return refuse(err.Error())
	}
	if err != nil {
		return events.APIGatewayProxyResponse{}, err
	}
	return answer(map[string]any{"type": "shouted", "roomId": f.RoomID, "seq": receipt.Seq})
}

func refuse(why string) (events.APIGatewayProxyResponse, error) {
	return answer(map[string]any{"type": "error", "code": "bad_field", "message": why})
}

func answer(frame map[string]any) (events.APIGatewayProxyResponse, error) {
	body, err := json.Marshal(frame)
	return events.APIGatewayProxyResponse{StatusCode: http.StatusOK, Body: string(body)}, err
}
