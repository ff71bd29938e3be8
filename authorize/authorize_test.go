package authorize

import (
	"context"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/settings"
)

func TestLoad(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		settings.ConnectionTable: "connections", settings.AuthSecretARN: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:x",
	}
	decide := func(context.Context, Request) (Permissions, error) { return Everything(), nil }
	load := func(without string) error {
		h, err := load(t.Context(), func(name string) string {
			if name == without {
				return ""
			}
			return env[name]
		}, decide)
		if (h == nil) == (err == nil) {
			t.Errorf("without %q: got %v, %v", without, h, err)
		}
		return err
	}
	if err := load(""); err != nil {
		t.Error(err)
	}
	for name := range env {
		if err := load(name); err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "roomcastcdk.JwtAuthorizer") {
			t.Errorf("without %s: got %v, want the variable and the remedy", name, err)
		}
	}
	env[settings.AuthAlgorithms] = "none"
	if err := load(""); err == nil || !strings.Contains(err.Error(), `"none"`) {
		t.Errorf("with the algorithm none: got %v", err)
	}
}
