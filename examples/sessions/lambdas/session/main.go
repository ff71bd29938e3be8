// Command session is a Lambda authorizer that admits users with a session cookie.
package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/roomcast/roomcast/authorize"
)

func main() { lambda.Start(admit) }

// errUnauthorized is the one error that API Gateway answers with status 401, by
// its text. Every other error is a 500.
var errUnauthorized = errors.New("Unauthorized")

func admit(_ context.Context, event events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
	var refused events.APIGatewayCustomAuthorizerResponse
	user, expires := userOf(event)
	if user == "" {
		return refused, errUnauthorized
	}
	may := authorize.Permissions{Rules: authorize.Rules{Rooms: authorize.Patterns{"lobby"}}}
	values, err := authorize.Context(user, may, expires)
	if err != nil {
		return refused, err
	}
	return events.APIGatewayCustomAuthorizerResponse{
		PrincipalID: user,
		PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
			Version: "2012-10-17",
			Statement: []events.IAMPolicyStatement{{
				Effect: "Allow", Action: []string{"execute-api:Invoke"}, Resource: []string{event.MethodArn},
			}},
		},
		Context: values,
	}, nil
}

// userOf returns the user of a session. Yours are in a database; these are the
// cookies session=NAME and session=NAME-brief.
func userOf(event events.APIGatewayCustomAuthorizerRequestTypeRequest) (user string, expires time.Time) {
	cookie, err := http.ParseSetCookie(event.Headers["Cookie"])
	if err != nil || cookie.Name != "session" {
		return "", time.Time{}
	}
	user, brief := strings.CutSuffix(cookie.Value, "-brief")
	if brief {
		return user, time.Now().Add(2 * time.Second)
	}
	return user, time.Now().Add(time.Hour)
}
