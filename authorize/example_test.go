package authorize_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"github.com/roomcast/roomcast/authorize"
)

// teams stands for where an application keeps its teams.
type teams interface {
	Of(ctx context.Context, userID string) ([]string, error)
}

var errUnknownUser = errors.New("unknown user")

// The function of an app whose database knows the teams of each user.
func ExampleStart() {
	var database teams // your own
	authorize.Start(func(ctx context.Context, r authorize.Request) (authorize.Permissions, error) {
		names, err := database.Of(ctx, r.UserID)
		if errors.Is(err, errUnknownUser) {
			return authorize.Permissions{}, authorize.ErrRefused
		}
		if err != nil {
			return authorize.Permissions{}, fmt.Errorf("look up the teams: %w", err)
		}
		may := authorize.Permissions{Rules: authorize.Rules{
			Rooms:  authorize.Patterns{"lobby"},
			Notify: authorize.Patterns{"support"},
		}}
		for _, name := range names {
			may.Rooms = append(may.Rooms, "team-"+name+"-*")
		}
		if r.Claims["plan"] != "paid" {
			may.Deny.History = authorize.Patterns{"*"}
		}
		return may, nil
	})
}

// A user may do what the rules permit, except for what is denied.
func ExamplePermissions() {
	may := authorize.Default() // any room
	may.Notify = authorize.Patterns{"support-*"}
	may.Deny.Send = authorize.Patterns{"announcements"}
	fmt.Println(may.Allow(authorize.Join, "announcements"), may.Allow(authorize.Send, "announcements"))
	fmt.Println(may.Allow(authorize.Notify, "support-eu"), may.Allow(authorize.Notify, "bob"))
	// Output:
	// true false
	// true false
}

// A Lambda authorizer that knows users by a session cookie, for an API that it
// guards by roomcastcdk.AuthFromRouteAuthorizer.
func ExampleContext() {
	lambda.Start(func(ctx context.Context, e events.APIGatewayCustomAuthorizerRequestTypeRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
		var none events.APIGatewayCustomAuthorizerResponse
		user, expires, err := session(ctx, e.Headers["Cookie"])
		if err != nil {
			return none, errors.New("Unauthorized") // the one text that API Gateway answers with status 401
		}
		values, err := authorize.Context(user, authorize.Default(), expires)
		if err != nil {
			return none, err
		}
		return events.APIGatewayCustomAuthorizerResponse{
			PrincipalID: user,
			PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
				Version: "2012-10-17",
				Statement: []events.IAMPolicyStatement{{
					Effect: "Allow", Action: []string{"execute-api:Invoke"}, Resource: []string{e.MethodArn},
				}},
			},
			Context: values,
		}, nil
	})
}

// session stands for your sessions.
func session(context.Context, string) (user string, expires time.Time, err error) {
	return "ada", time.Now().Add(time.Hour), nil
}
