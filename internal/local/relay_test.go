package local

import (
	"testing"

	"github.com/roomcast/roomcast/internal/settings"
)

// A function fetches its key set where faults can keep it away, and finds the
// rest of its environment as it is.
func TestKeySetsAreRelayed(t *testing.T) {
	t.Parallel()
	f := &function{resource: &resource{label: "Chat/Authorizer"}, environment: map[string]string{
		settings.AuthJWKSURL: "https://issuer.example/keys", settings.AuthIssuer: "https://issuer.example/",
	}}
	l := &localizer{relay: func(function, address string) string { return "relay of " + address + " for " + function }}
	got := f.environ(l)
	if want := "relay of https://issuer.example/keys for Chat/Authorizer"; got[settings.AuthJWKSURL] != want || got[settings.AuthIssuer] != "https://issuer.example/" {
		t.Errorf("the environment is %v", got)
	}
	if got := f.environ(&localizer{}); got[settings.AuthJWKSURL] != "https://issuer.example/keys" {
		t.Errorf("without faults it is %v", got)
	}
}
