package authorize

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/authorizer"
	"github.com/roomcast/roomcast/internal/permission"
	"github.com/roomcast/roomcast/internal/realtime/session"
)

// full has another pattern in each field.
var full = Permissions{
	Rules: Rules{Rooms: Patterns{"a"}, Join: Patterns{"b"}, Send: Patterns{"c"}, History: Patterns{"d"}, Notify: Patterns{"e"}},
	Deny:  Rules{Rooms: Patterns{"f"}, Join: Patterns{"g"}, Send: Patterns{"h"}, History: Patterns{"i"}, Notify: Patterns{"j"}},
}

// The public permissions and those that the functions check have the same
// fields, the same JSON and the same meaning.
func TestPermissionsAreThoseThatAreChecked(t *testing.T) {
	t.Parallel()
	for _, p := range []Permissions{{}, full, Default(), Everything()} {
		public, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		checked, err := json.Marshal(p.checked())
		if err != nil {
			t.Fatal(err)
		}
		if string(public) != string(checked) {
			t.Errorf("the JSON is %s, want %s", public, checked)
		}
		for _, action := range []Action{Join, Send, History, Notify} {
			for name := range strings.SplitSeq("a b c d e f g h i j", " ") {
				if got, want := p.Allow(action, name), p.checked().Allow(permission.Action(action), name); got != want {
					t.Errorf("%s allows %s %s: %v, want %v", public, action, name, got, want)
				}
			}
		}
	}
	if got, want := Default().checked(), permission.Default(); !reflect.DeepEqual(got, want) {
		t.Errorf("Default is %+v, want %+v", got, want)
	}
	if got, want := Everything().checked(), permission.Everything(); !reflect.DeepEqual(got, want) {
		t.Errorf("Everything is %+v, want %+v", got, want)
	}
	for got, want := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[Permissions](): reflect.TypeFor[permission.Permissions](),
		reflect.TypeFor[Rules]():       reflect.TypeFor[permission.Rules](),
	} {
		if got.NumField() != want.NumField() {
			t.Errorf("%v has %d fields, %v %d", got, got.NumField(), want, want.NumField())
		}
	}
}

// A decision reaches the handler, with what it was made about.
func TestADecisionReachesTheHandler(t *testing.T) {
	t.Parallel()
	asked := authorizer.Request{UserID: "ada", Claims: map[string]any{"plan": "paid"}, IP: "192.0.2.1", RoomID: "lobby", Refresh: true}
	decide := checked(func(_ context.Context, r Request) (Permissions, error) {
		if got := authorizer.Request(r); !reflect.DeepEqual(got, asked) {
			t.Errorf("asked about %+v, want %+v", got, asked)
		}
		return full, ErrRefused
	})
	may, err := decide(t.Context(), asked)
	if !reflect.DeepEqual(may, full.checked()) || !errors.Is(err, authorizer.ErrRefused) {
		t.Errorf("decided %+v, %v", may, err)
	}
	if checked(nil) != nil {
		t.Error("without a decision the claims do not decide")
	}
}

// The functions read from the context what went into it.
func TestContext(t *testing.T) {
	t.Parallel()
	expires := time.Unix(4_000_000_000, 0)
	values, err := Context("ada", full, expires)
	if err != nil {
		t.Fatal(err)
	}
	id, err := session.IdentityOf(values)
	if err != nil || id.UserID != "ada" || !reflect.DeepEqual(id.Permissions, full.checked()) || !id.TokenExpiresAt.Equal(expires) {
		t.Errorf("the context %v is read as %+v, %v", values, id, err)
	}

	tooMany := make(Patterns, 30)
	for i := range tooMany {
		tooMany[i] = strings.Repeat("a", 128)
	}
	for want, call := range map[string]func() (map[string]any, error){
		"userID": func() (map[string]any, error) { return Context("", full, expires) },
		"at most 2048": func() (map[string]any, error) {
			return Context("ada", Permissions{Rules: Rules{Rooms: tooMany}}, expires)
		},
		"expires is missing": func() (map[string]any, error) { return Context("ada", full, time.Time{}) },
	} {
		if values, err := call(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, %v, want an error with %q", values, err, want)
		}
	}
}
