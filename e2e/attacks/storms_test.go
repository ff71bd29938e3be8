package attacks_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcasttest"
)

func TestStormsOfConnections(t *testing.T) {
	t.Parallel()
	d := guarded(t,
		roomcasttest.WithEnvironment(settings.ConnectionsPerIP, "6"), roomcasttest.WithEnvironment(settings.ConnectionsPerUser, "3"))
	slots := func(of string) int { return len(d.Items(t, connections, "SLOT#"+of+"#0")) }
	as := func(user string) url.Values { return url.Values{"token": {d.token(t, user)}} }

	attempt(t, "50 handshakes with forged tokens", "401, and no slot is taken", func(t *testing.T) {
		for range 50 {
			if got := status(t, d.Stack, query("token", "x.y.z")); got != 401 {
				t.Errorf("status %d", got)
			}
		}
		if n := slots("IP#127.0.0.1"); n != 0 {
			t.Errorf("%d slots are taken", n)
		}
	})
	whole := t // opened sockets stay open from one attack to the next
	attempt(t, "12 connections at once of a user who may have 3", "3; the rest get 429", func(t *testing.T) {
		if open, statuses := storm(whole, d.Stack, 12, func(int) url.Values { return as("eve") }); len(open) != 3 || statuses[429] != 9 {
			t.Errorf("handshakes ended with %v", statuses)
		}
	})
	attempt(t, "12 connections at once of users of an address that may have 6", "6 in total; the rest get 429", func(t *testing.T) {
		open, statuses := storm(whole, d.Stack, 12, func(i int) url.Values { return as(fmt.Sprint("user", i)) })
		if n := slots("IP#127.0.0.1"); len(open) != 3 || statuses[429] != 9 || n != 6 {
			t.Errorf("handshakes ended with %v, and %d slots are taken", statuses, n)
		}
	})
	attempt(t, "another address in X-Forwarded-For and similar headers", "429: only the socket's own address counts", func(t *testing.T) {
		options := append(query("token", d.token(t, "carol")), roomcasttest.WithHeader("X-Forwarded-For", "203.0.113.7"),
			roomcasttest.WithHeader("Forwarded", "for=203.0.113.7"), roomcasttest.WithHeader("X-Real-Ip", "203.0.113.7"))
		if got := status(t, d.Stack, options); got != 429 {
			t.Errorf("status %d, want 429", got)
		}
	})
	attempt(t, "other users' names in the query, to use up their slots", "none of their slots is taken", func(t *testing.T) {
		if got := status(t, d.Stack, query("token", d.token(t, "eve"), "userId", "dave")); got != 429 {
			t.Errorf("status %d, want 429", got)
		}
		if n := slots("USER#dave"); n != 0 {
			t.Errorf("dave has %d slots taken", n)
		}
	})
}
