package authorize_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/roomcast/roomcast/authorize"
)

// teams stands for where an application keeps its teams.
type teams interface {
	Of(ctx context.Context, userID string) ([]string, error)
}

var errUnknownUser = errors.New("unknown user")

// The function of an application whose database knows who is in which team.
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

// What a user may do is the rules less what is denied.
func ExamplePermissions() {
	may := authorize.Default() // any room
	may.Notify = authorize.Patterns{"support-*"}
	may.Deny.Send = authorize.Patterns{"announcements"}
	fmt.Println(may.Allow("join", "announcements"), may.Allow("send", "announcements"))
	fmt.Println(may.Allow("notify", "support-eu"), may.Allow("notify", "bob"))
	// Output:
	// true false
	// true false
}
