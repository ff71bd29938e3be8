package chaos

import (
	"context"
	"math/rand/v2"
	"net/url"
	"time"

	"github.com/coder/websocket"
)

// The lifetimes of the devices' tokens are random between these, so that each is
// refreshed several times in a run.
const (
	tokenLeast = 20 * time.Second
	tokenMost  = 40 * time.Second
)

// Mint signs a token for a user with permissions and an end.
type Mint func(user string, ends time.Time, permissions map[string]any) (string, error)

// everything is the claim that permits everything in all rooms.
var everything = []string{"*"}

// grant makes a token for a user that permits everything in some rooms and
// notifications to all users. It is "" without authentication.
func (r *run) grant(user string, life time.Duration, rooms []string) (Grant, string, error) {
	if r.target.Mint == nil {
		return Grant{}, "", nil
	}
	now := time.Now()
	g := Grant{At: now, Rooms: rooms, Ends: now.Add(life).Truncate(time.Second)}
	token, err := r.target.Mint(user, g.Ends, map[string]any{"rooms": rooms, "notify": []string{"*"}})
	return g, token, err
}

// deviceToken makes a token for a client, which refreshes it by itself.
func (r *run) deviceToken(user string) (string, error) {
	life := tokenLeast + time.Duration(rand.Int64N(int64(tokenMost-tokenLeast)))
	_, token, err := r.grant(user, life, everything)
	return token, err
}

// address returns the URL that a device connects to. Without authentication the
// server takes the user from it; otherwise only the run does.
func (r *run) address(user, device string) string {
	return r.target.URL + "?" + url.Values{"userId": {user}, deviceParameter: {device}}.Encode()
}

// open makes a handshake without the client.
func (r *run) open(ctx context.Context, user, device, token string) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	address := r.address(user, device)
	if token != "" {
		address += "&" + url.Values{"token": {token}}.Encode()
	}
	conn, _, err := websocket.Dial(ctx, address, nil)
	if err != nil {
		return nil, err
	}
	conn.SetReadLimit(128 << 10)
	return conn, nil
}
