package auth

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/coder/websocket"

	"github.com/roomcast/roomcast/internal/lab/bench/member"
	"github.com/roomcast/roomcast/internal/local/usage"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/token"
)

// The labels of the functions of a RealtimeStack that are looked at.
const (
	// Session answers $connect, after Authorizer was asked, and runs once more when
	// the connection has ended.
	Session    = "Chat/Session"
	Authorizer = "Auth"
	// Sender runs for each message.
	Sender = "Chat/Messages"
	// Expiry closes connections whose token has ended, and labels the rule that
	// calls it as well.
	Expiry = "Chat/Expiry"
)

// Stack is a stack that runs on this machine, as the bench sees it.
type Stack struct {
	// URL is where clients connect.
	URL string
	// Sign makes a token of claims that the stack takes; nil for an open stack.
	Sign func(claims map[string]any) (string, error)
	// Usage returns what the stack was used for since it started.
	Usage func() usage.Snapshot
}

// tokenLife is longer than any run.
const tokenLife = 6 * time.Hour

// query is that of a handshake of a user who may do everything else than what
// is denied. Room may be "".
func (s Stack) query(userID, roomID string, deny permission.Rules) (url.Values, error) {
	query := url.Values{}
	if roomID != "" {
		query.Set("roomId", roomID)
	}
	if s.Sign == nil {
		query.Set("userId", userID)
		return query, nil
	}
	may := permission.Everything()
	may.Deny = deny
	now := time.Now()
	text, err := s.Sign(map[string]any{
		token.DefaultUserClaim: userID, token.DefaultPermissionsClaim: may, "iat": now.Unix(), "exp": now.Add(tokenLife).Unix(),
	})
	query.Set("token", text)
	return query, err
}

func (s Stack) dial(ctx context.Context, userID, roomID string, deny permission.Rules) (*websocket.Conn, error) {
	query, err := s.query(userID, roomID, deny)
	if err != nil {
		return nil, err
	}
	return member.Dial(ctx, s.URL, query)
}

// used is what functions were used for.
type used struct {
	requests    int64
	duration    float64 // ms
	gbSeconds   float64
	write, read float64
	logBytes    int64
}

// usedBy returns what some functions were used for until now, all without names.
func (s Stack) usedBy(functions ...string) used {
	counts := func(name string) bool { return len(functions) == 0 || slices.Contains(functions, name) }
	var u used
	now := s.Usage()
	for _, f := range now.Lambda.Functions {
		if counts(f.Function) {
			u.requests += f.Requests
			u.duration += f.DurationMS
			u.gbSeconds += f.GBSeconds
		}
	}
	for _, t := range now.DynamoDB.Tables {
		if counts(t.Function) {
			u.write += t.WriteUnits
			u.read += t.ReadUnits
		}
	}
	for _, l := range now.Logs.Functions {
		if counts(l.Function) {
			u.logBytes += l.Bytes
		}
	}
	return u
}

// since returns what was used after an earlier moment.
func (u used) since(before used) used {
	return used{
		requests: u.requests - before.requests, duration: u.duration - before.duration, gbSeconds: u.gbSeconds - before.gbSeconds,
		write: u.write - before.write, read: u.read - before.read, logBytes: u.logBytes - before.logBytes,
	}
}

// plus returns the sum of both.
func (u used) plus(more used) used {
	return used{
		requests: u.requests + more.requests, duration: u.duration + more.duration, gbSeconds: u.gbSeconds + more.gbSeconds,
		write: u.write + more.write, read: u.read + more.read, logBytes: u.logBytes + more.logBytes,
	}
}
