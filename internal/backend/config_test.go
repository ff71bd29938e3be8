package backend

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/settings"
)

// all is an environment in which every variable is set.
var all = map[string]string{
	settings.ConnectionTable:   "connections",
	settings.MessageTable:      "messages",
	settings.CallbackURL:       "https://api.example/prod",
	settings.BroadcastQueueURL: "https://queue.example/jobs.fifo",
	settings.DirectLimit:       "7",
}

func getenv(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		parts Parts
		want  Config
	}{
		{"everything", Connections | Log | Poster | Queue, Config{
			ConnectionTable: "connections", MessageTable: "messages",
			CallbackURL: "https://api.example/prod", BroadcastQueueURL: "https://queue.example/jobs.fifo",
			DirectLimit: 7,
		}},
		{"one part", Log, Config{MessageTable: "messages", DirectLimit: 7}},
		{"nothing", 0, Config{DirectLimit: 7}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := FromEnv(getenv(all), test.parts)
			if err != nil || got != test.want {
				t.Errorf("got %+v, %v, want %+v", got, err, test.want)
			}
		})
	}
}

func TestFromEnvMissing(t *testing.T) {
	t.Parallel()
	for part, name := range map[Parts]string{
		Connections: settings.ConnectionTable, Log: settings.MessageTable,
		Poster: settings.CallbackURL, Queue: settings.BroadcastQueueURL,
	} {
		env := maps.Clone(all)
		delete(env, name)
		_, err := FromEnv(getenv(env), Connections|Log|Poster|Queue)
		var missing *MissingError
		if !errors.As(err, &missing) || missing.Variable != name || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: got %v", name, err)
		}
		if _, err := FromEnv(getenv(env), ^part); err != nil {
			t.Errorf("without %s, which is not needed: got %v", name, err)
		}
	}
}

func TestFromEnvDirectLimit(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"0", "-1", "many", "1.5"} {
		_, err := FromEnv(getenv(map[string]string{settings.DirectLimit: bad}), 0)
		if err == nil || !strings.Contains(err.Error(), settings.DirectLimit) {
			t.Errorf("limit %q: got %v, want an error that names the variable", bad, err)
		}
	}
	if c, err := FromEnv(getenv(nil), 0); err != nil || c.DirectLimit != 0 {
		t.Errorf("no limit: got %+v, %v", c, err)
	}
}
