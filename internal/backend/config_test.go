package backend

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/settings"
)

// all is an environment in which every variable is set.
var all = map[string]string{
	settings.ConnectionTable:   "connections",
	settings.MessageTable:      "messages",
	settings.CallbackURL:       "https://api.example/prod",
	settings.BroadcastQueueURL: "https://queue.example/jobs.fifo",
	settings.CursorQueueURL:    "https://queue.example/cursors.fifo",
	settings.Auth:              "token",
	settings.DirectLimit:       "7",
	settings.ShardSize:         "6",

	settings.MessageRetention:      "3600",
	settings.MessageHistory:        "8",
	settings.NotificationRetention: "315360000",
	settings.InboxLimit:            "9",
	settings.MaxReceiveCount:       "5",
	settings.PostsInFlight:         "8",

	settings.MessageRate:        "11",
	settings.MessageBurst:       "12",
	settings.FrameRate:          "13",
	settings.CursorRate:         "14",
	settings.CursorMembers:      "21",
	settings.CursorPosts:        "22",
	settings.ConnectionsPerIP:   "15",
	settings.ConnectionsPerUser: "16",
	settings.RoomsPerConnection: "17",
	settings.MembersPerRoom:     "18",
	settings.MaxMessageBytes:    "19",
	settings.NotifyUsers:        "20",
}

// places are the variables that are read only if they are required.
var places = []string{
	settings.ConnectionTable, settings.MessageTable, settings.CallbackURL,
	settings.BroadcastQueueURL, settings.CursorQueueURL, settings.Auth,
}

func getenv(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

// withLimits adds the settings of [all] that are read in any case.
func withLimits(c Config) Config {
	c.DirectLimit, c.ShardSize, c.MessageRetention, c.MessageHistory = 7, 6, time.Hour, 8
	c.NotificationRetention, c.InboxLimit, c.MaxReceiveCount, c.PostsInFlight = 3650*24*time.Hour, 9, 5, 8
	c.Limits = limits.Limits{
		MessageRate: 11, MessageBurst: 12, FrameRate: 13, CursorRate: 14, ConnectionsPerIP: 15, ConnectionsPerUser: 16,
		RoomsPerConnection: 17, MembersPerRoom: 18, MaxMessageBytes: 19, NotifyUsers: 20,
		CursorMembers: 21, CursorPosts: 22,
	}
	return c
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		required []string
		want     Config
	}{
		{"everything", places, withLimits(Config{
			ConnectionTable: "connections", MessageTable: "messages",
			CallbackURL: "https://api.example/prod", BroadcastQueueURL: "https://queue.example/jobs.fifo",
			CursorQueueURL: "https://queue.example/cursors.fifo", Auth: "token",
		})},
		{"one table", []string{settings.MessageTable}, withLimits(Config{MessageTable: "messages"})},
		{"nothing", nil, withLimits(Config{})},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := FromEnv(getenv(all), test.required...)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestFromEnvMissing(t *testing.T) {
	t.Parallel()
	for i, name := range places {
		env := maps.Clone(all)
		delete(env, name)
		_, err := FromEnv(getenv(env), places...)
		var missing *MissingError
		if !errors.As(err, &missing) || missing.Variable != name || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v", name, err)
		}
		if _, err := FromEnv(getenv(env), slices.Delete(slices.Clone(places), i, i+1)...); err != nil {
			t.Errorf("without %s, which is not needed: got %v", name, err)
		}
	}
}

func TestFromEnvAuth(t *testing.T) {
	t.Parallel()
	for value, ok := range map[string]bool{"open": true, "token": true, "Open": false, "none": false, " open": false, "jwt": false} {
		c, err := FromEnv(getenv(map[string]string{settings.Auth: value}), settings.Auth)
		if ok && (err != nil || c.Auth != value) || !ok && (err == nil || !strings.Contains(err.Error(), settings.Auth)) {
			t.Errorf("%q: got %+v, %v", value, c, err)
		}
	}
}

func TestFromEnvLimits(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		settings.DirectLimit, settings.ShardSize, settings.MessageRetention, settings.MessageHistory,
		settings.NotificationRetention, settings.InboxLimit, settings.MaxReceiveCount, settings.PostsInFlight,
	} {
		for _, bad := range []string{"0", "-1", "many", "1.5", "1e3", "9999999999"} {
			_, err := FromEnv(getenv(map[string]string{name: bad}))
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s %q: got %v, want an error that names the variable", name, bad, err)
			}
		}
	}
	for name, bad := range map[string][]string{
		settings.MessageRate: {"-1", "many"}, settings.FrameRate: {"-1"}, settings.CursorRate: {"-1"}, settings.CursorMembers: {"-1"}, settings.CursorPosts: {"-1"},
		settings.ConnectionsPerIP: {"-1", "1000001"}, settings.ConnectionsPerUser: {"-1"}, settings.MembersPerRoom: {"-1"},
		settings.MessageBurst: {"0", "1"}, settings.RoomsPerConnection: {"0"},
		settings.MaxMessageBytes: {"0", "16385"}, settings.NotifyUsers: {"0", "101"},
	} {
		for _, bad := range bad {
			_, err := FromEnv(getenv(map[string]string{name: bad}))
			if err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("%s %q: got %v, want an error that names the variable", name, bad, err)
			}
		}
	}
	none := map[string]string{}
	for _, name := range []string{
		settings.MessageRate, settings.FrameRate, settings.CursorRate, settings.CursorMembers, settings.CursorPosts,
		settings.ConnectionsPerIP, settings.ConnectionsPerUser, settings.MembersPerRoom,
	} {
		none[name] = "0"
	}
	want := limits.Limits{
		MessageRate: limits.Unlimited, FrameRate: limits.Unlimited, CursorRate: limits.Unlimited, CursorMembers: limits.Unlimited, CursorPosts: limits.Unlimited,
		ConnectionsPerIP: limits.Unlimited, ConnectionsPerUser: limits.Unlimited, MembersPerRoom: limits.Unlimited,
	}
	if c, err := FromEnv(getenv(none)); err != nil || c.Limits != want {
		t.Errorf("0 is no limit: got %+v, %v", c.Limits, err)
	}
	if c, err := FromEnv(getenv(nil)); err != nil || c != (Config{}) {
		t.Errorf("no limits: got %+v, %v", c, err)
	}
}
