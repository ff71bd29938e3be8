package e2e_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/roomcast/roomcast/internal/token"
	"github.com/roomcast/roomcast/roomcastclient"
	"github.com/roomcast/roomcast/roomcasttest"
)

// claims returns the claims of a token with this lifetime. It permits these
// rooms, and to notify anyone.
func claims(user string, lasts time.Duration, rooms ...string) object {
	return object{
		"sub": user, "exp": time.Now().Add(lasts).Unix(), "roomcast": object{"rooms": rooms, "notify": []string{"*"}},
	}
}

// withTokens lets a member connect with tokens instead of a name. next returns
// the claims of the nth token, from 1.
func withTokens(t testing.TB, stack *roomcasttest.Stack, next func(n int) object) func(*roomcastclient.Options) {
	t.Helper()
	arn := stack.Output("AuthSecretArn")
	secret, err := secretsmanager.NewFromConfig(stack.Config()).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int64
	return func(o *roomcastclient.Options) {
		o.UserID = ""
		o.Token = func(context.Context) (string, error) {
			return token.Mint(*secret.SecretString, next(int(asked.Add(1))))
		}
	}
}

// A client replaces each token before it expires, and a late one as soon as the
// server asks for it: no message is missed.
func TestTokensThatEndLoseNothing(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, guarded)
	const life, late, last = 3 * time.Second, 3, 5
	var shown atomic.Int64
	ada := newMember(t, stack, "ada", withTokens(t, stack, func(n int) object {
		if n == late { // by then the previous one has expired
			time.Sleep(life)
		}
		shown.Store(int64(n))
		return claims("ada", life, "lobby")
	}))
	bob := newMember(t, stack, "bob", withTokens(t, stack, func(int) object { return claims("bob", time.Hour, "lobby") }))
	ada.join(t, "lobby")
	bob.join(t, "lobby")
	var want []int64
	for i := 0; shown.Load() < last; i++ {
		want = append(want, bob.send(t, "lobby", fmt.Sprint("bob ", i)).Seq, ada.send(t, "lobby", fmt.Sprint("ada ", i)).Seq)
		time.Sleep(100 * time.Millisecond)
	}
	for name, m := range map[string]*member{"ada": ada, "bob": bob} {
		roomcasttest.Eventually(t, name+" has all messages", func() bool { return len(m.seqs()) >= len(want) })
		if got := m.seqs(); !slices.Equal(got, want) {
			t.Errorf("%s got %v, want %v", name, got, want)
		}
	}
	var refreshes int64
	for _, r := range stack.Usage().WebSocket.Routes {
		if r.Route == "refresh" {
			refreshes = r.In
		}
	}
	if refreshes < last-2 { // the first was in the handshake, and the last may be on its way
		t.Errorf("%d tokens were refreshed of %d", refreshes, last)
	}
}

// A token with fewer permissions removes its user from a room, and the client
// reports which.
func TestATokenThatPermitsLess(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, guarded)
	left := make(chan roomcastclient.Left, 10)
	var joined atomic.Bool
	ada := newMember(t, stack, "ada", withTokens(t, stack, func(int) object {
		if !joined.Load() {
			return claims("ada", 5*time.Second, "*")
		}
		return claims("ada", time.Hour, "lobby")
	}), func(o *roomcastclient.Options) {
		o.OnLeft = func(l roomcastclient.Left) { left <- l }
	})
	bob := newMember(t, stack, "bob", withTokens(t, stack, func(int) object { return claims("bob", time.Hour, "*") }))
	for _, room := range []string{"lobby", "vault"} {
		ada.join(t, room)
		bob.join(t, room)
	}
	joined.Store(true)
	if got := <-left; got.RoomID != "vault" || roomcastclient.CodeOf(got.Err) != roomcastclient.CodeForbidden {
		t.Errorf("left %+v", got)
	}
	bob.send(t, "vault", "ada must not read this")
	bob.send(t, "lobby", "but this")
	roomcasttest.Eventually(t, "ada has the message of the room that she may be in", func() bool { return len(ada.seqs()) > 0 })
	ada.mu.Lock()
	defer ada.mu.Unlock()
	if len(ada.messages) != 1 || ada.messages[0].RoomID != "lobby" {
		t.Errorf("ada got %+v", ada.messages)
	}
	if _, err := ada.Room("vault").Join(t.Context()); roomcastclient.CodeOf(err) != roomcastclient.CodeForbidden {
		t.Errorf("joining again: %v", err)
	}
}
