package e2e_test

import (
	"context"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/local"
)

// `up --iam off` warns, and then anybody may do anything; without it nobody
// gets in unsigned.
func TestUpWithIAMOff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		args   []string
		status int  // of an unsigned GET of a connection that is not there
		warns  bool // loudly
	}{
		{"on", nil, http.StatusForbidden, false},
		{"off", []string{"--iam", "off"}, http.StatusGone, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			u := startUp(t, append([]string{"--assembly", assembly, "--no-site"}, c.args...)...)
			response, err := http.Get(u.ready.CallbackURL + "/@connections/AAAAAAAAAAAAAAA=")
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != c.status {
				t.Errorf("an unsigned call is answered with %s, want %d", response.Status, c.status)
			}
			_ = u.Process.Kill()
			_ = u.Wait()
			if said := u.stderr.String(); strings.Contains(said, "WARNING: IAM is off") != c.warns {
				t.Errorf("it says:\n%s", said)
			}
		})
	}
}

func TestUpRefusesAnOddIAM(t *testing.T) {
	t.Parallel()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "up", "--assembly", assembly, "--iam", "perhaps").CombinedOutput()
	if err == nil || !strings.Contains(string(out), `invalid --iam "perhaps": expected on or off`) {
		t.Errorf("%v: %s", err, out)
	}
}

// Without enforcement a stack works whatever its policies say.
func TestAStackWithoutIAM(t *testing.T) {
	t.Parallel()
	template := readTemplate(t, guarded)
	dir := template.write(t, mutant{name: "all statements", drop: func(s *stackTemplate) {
		for _, id := range s.policies() {
			s.document(id)["Statement"] = []any{}
		}
	}})
	if o := run(t.Context(), local.Options{Assembly: dir, DisableIAM: true}, (*probing).everything); o.failure != nil {
		t.Errorf("it does not work: %v", o.failure)
	}
}
