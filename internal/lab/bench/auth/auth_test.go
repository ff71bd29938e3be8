package auth

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/token"
)

func secrets(context.Context) ([]string, error) { return []string{secret}, nil }

func small(t *testing.T) Bench {
	t.Helper()
	return Bench{
		Open: startStandIn(t, false), Secret: startStandIn(t, true), Keys: startStandIn(t, true),
		Handshakes: 5, Messages: 12, WarmUp: 1, Members: 3, Rate: 20, Flood: 200, Phase: time.Second, Phases: 1,
		Progress: func(string, ...any) {},
	}
}

func TestBench(t *testing.T) {
	t.Parallel()
	r, err := small(t).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h := r.Handshakes
	if h.Open.Function.P50 != 2 || h.Secret.Function.P99 != 3 || h.Secret.Authorizer.P50 != 1 || h.Open.Authorizer.Max != 0 {
		t.Errorf("function times are %+v and %+v", h.Open, h.Secret)
	}
	if h.Keys.Added != 1 || h.Keys.Ratio != 1.5 || h.Open.Added != 0 || h.Open.Ratio != 1 || h.Open.Wall.P50 <= 0 {
		t.Errorf("beside open: %+v", h)
	}
	if h.Open.Units != (bench.Units{Write: 3}) || h.Secret.Units != (bench.Units{Write: 4}) {
		t.Errorf("a handshake takes %+v and %+v", h.Open.Units, h.Secret.Units)
	}
	m := r.Messages
	if m.Open != (bench.Units{Write: 3, Read: 2}) || m.Secret != (bench.Units{Write: 4, Read: 2}) || m.Added != (bench.Units{Write: 1}) {
		t.Errorf("messages take %+v", m)
	}
	for name, refused := range map[string]Refused{"too many": m.TooMany, "forbidden": m.Forbidden} {
		if refused != (Refused{Frames: 12, Units: bench.Units{Read: 1}}) {
			t.Errorf("%s: %+v", name, refused)
		}
	}
	a := r.Attack
	if a.Missing != 0 || a.Deliveries < 9 || a.Deliveries%3 != 0 || a.Quiet.P50 <= 0 || a.Elsewhere.P50 <= 0 || a.OverQuiet.P50 <= 0 {
		t.Errorf("the room: %+v", a)
	}
	if a.Sent < 10 || a.Accepted < a.Sent/5 || a.Accepted > a.Sent/5+1 || a.Refused != a.Sent-a.Accepted {
		t.Errorf("the attacker: %+v", a)
	}
	if err := r.Err(); err != nil {
		t.Error(err)
	}
}

// TestAFloodIsWhatIsMore takes the room's own use off.
func TestAFloodIsWhatIsMore(t *testing.T) {
	t.Parallel()
	quiet := phases{used: used{requests: 40, duration: 400, write: 80, read: 50, gbSeconds: 1, logBytes: 100}, length: 2 * time.Second}
	loud := phases{used: used{requests: 2040, duration: 2400, write: 160, read: 60, gbSeconds: 2, logBytes: 300}, length: 2 * time.Second}
	want := Flood{
		Frames: 1000, Accepted: 10, Units: bench.Units{Write: 40, Read: 5},
		Invocations: 1000, Function: 1000, GBSeconds: 0.5, LogBytes: 100,
	}
	if got := floodOf(quiet, loud, 2000, 20); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestBenchRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Bench){
		"no handshakes": func(d *Bench) { d.Handshakes = 0 },
		"no messages":   func(d *Bench) { d.Messages = 0 },
		"no warm-up":    func(d *Bench) { d.WarmUp = 0 },
		"no room":       func(d *Bench) { d.Members = 1 },
		"no rate":       func(d *Bench) { d.Rate = 0 },
		"no flood":      func(d *Bench) { d.Flood = 0 },
		"no time":       func(d *Bench) { d.Phase = time.Millisecond },
	} {
		d := Bench{Handshakes: 1, Messages: 1, WarmUp: 1, Members: 2, Rate: 1, Flood: 1, Phase: time.Second, Phases: 1}
		if err := d.Check(); err != nil {
			t.Errorf("as it is: %v", err)
		}
		change(&d)
		if err := d.Check(); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
	if err := (Result{Attack: Attack{Deliveries: 7, Missing: 1}}).Err(); err == nil || !strings.Contains(err.Error(), "1 of 8") {
		t.Errorf("a missing delivery: got %v", err)
	}
}

// TestProvider has a verifier that trusts the provider check its token.
func TestProvider(t *testing.T) {
	t.Parallel()
	p, err := StartProvider()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	}()
	from, to := t.TempDir(), t.TempDir()
	const template = `{"Resources":{"Auth":{"Properties":{"Environment":{"Variables":{"ROOMCAST_AUTH_SECRET_ARN":"arn","ROOMCAST_AUTH_ALGORITHMS":"HS256","OTHER":"x"}}}},"Else":{}}}`
	if err := os.WriteFile(filepath.Join(from, "App.template.json"), []byte(template), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Trust(from, to); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(to, "App.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Resources struct {
			Auth struct {
				Properties struct {
					Environment struct{ Variables map[string]string }
				}
			}
		}
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	env := got.Resources.Auth.Properties.Environment.Variables
	if env["OTHER"] != "x" || env["ROOMCAST_AUTH_SECRET_ARN"] != "" {
		t.Errorf("the environment is %v", env)
	}
	v, err := token.NewVerifier(token.Config{
		JWKSURL: env["ROOMCAST_AUTH_JWKS_URL"], Issuer: env["ROOMCAST_AUTH_ISSUER"],
		Audience: []string{env["ROOMCAST_AUTH_AUDIENCE"]}, Algorithms: []string{env["ROOMCAST_AUTH_ALGORITHMS"]},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, err := p.Sign(map[string]any{"sub": "ada", "exp": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	if claims, err := v.Verify(t.Context(), text); err != nil || claims.UserID != "ada" {
		t.Errorf("got %+v, %v", claims, err)
	}
	if err := p.Trust(t.TempDir(), t.TempDir()); err == nil {
		t.Error("an app without a secret: want an error")
	}
}

func TestUntilEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := until(ctx, "never", func() bool { return false }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
