package roomcastclient

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestOptions(t *testing.T) {
	t.Parallel()
	const url = "wss://abc.example/prod"
	urlFunc := func(context.Context) (string, error) { return url, nil }
	for name, c := range map[string]struct {
		options Options
		want    string // a part of the error
	}{
		"no URL":           {Options{}, "Options.URL is missing"},
		"two URLs":         {Options{URL: url, URLFunc: urlFunc}, "both set"},
		"a URL of a page":  {Options{URL: "ftp://abc.example"}, `invalid Options.URL: scheme "ftp", expected wss or ws`},
		"two identities":   {Options{URL: url, UserID: "ada", Token: urlFunc}, "leave UserID empty"},
		"a long user id":   {Options{URL: url, UserID: strings.Repeat("x", 129)}, "invalid Options.UserID: "},
		"a short interval": {Options{URL: url, PingInterval: time.Millisecond}, "invalid Options.PingInterval 1ms: expected 1s to 10m0s"},
		"ConnectTimeout":   {Options{URL: url, ConnectTimeout: time.Hour}, "Options.ConnectTimeout"},
		"RolloverAfter":    {Options{URL: url, RolloverAfter: 3 * time.Hour}, "Options.RolloverAfter"},
		"RetryBase":        {Options{URL: url, RetryBase: -1}, "Options.RetryBase"},
		"RetryMax":         {Options{URL: url, RetryMax: -1}, "Options.RetryMax"},
		"RequestTimeout":   {Options{URL: url, RequestTimeout: time.Hour}, "Options.RequestTimeout"},
		"CursorInterval":   {Options{URL: url, CursorInterval: -1}, "Options.CursorInterval"},
		"GapTimeout":       {Options{URL: url, GapTimeout: -1}, "Options.GapTimeout"},
		"MaxQueued":        {Options{URL: url, MaxQueued: -1}, "invalid Options.MaxQueued -1: expected 1 or more"},
	} {
		if client, err := New(c.options); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v, want %q", name, client, err, c.want)
		}
	}
	given := Options{URL: url}
	o, err := given.withDefaults()
	if err != nil || o.PingInterval != 5*time.Minute || o.CallTimeout != 30*time.Second || o.RolloverAfter != 110*time.Minute || o.MaxQueued != 100 || o.HTTPClient == nil {
		t.Errorf("got %+v, %v", o, err)
	}
	if given.PingInterval != 0 {
		t.Error("the caller's options were changed")
	}
}
