package roomcastclient

import (
	"encoding/base64"
	"testing"
	"time"
)

func TestTokenExpiry(t *testing.T) {
	t.Parallel()
	jwt := func(payload string) string {
		return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2ln"
	}
	for token, want := range map[string]time.Time{
		jwt(`{"exp":1790000000}`):           time.Unix(1790000000, 0),
		jwt(`{"exp":1790000000.5}`):         time.UnixMilli(1790000000500),
		jwt(`{"exp":1,"name":"Zoë ÿ?>"}`):   time.Unix(1, 0),
		jwt(`{"exp":"1790000000"}`):         {},
		jwt(`{"exp":-1}`):                   {},
		jwt(`{"exp":1e300}`):                {},
		jwt(`{}`):                           {},
		jwt(`[]`):                           {},
		jwt(`nonsense`):                     {},
		"e30.!.c2ln":                        {},
		"opaque":                            {},
		"":                                  {},
		"a.b":                               {},
		jwt(`{"exp":1790000000}`) + ".more": {},
	} {
		if got := expiryOf(token); !got.Equal(want) {
			t.Errorf("%q ends at %v, want %v", token, got, want)
		}
	}
}

func FuzzTokenExpiry(f *testing.F) {
	f.Add("e30.eyJleHAiOjF9.c2ln")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		if ends := expiryOf(token); !ends.IsZero() && ends.Before(time.Unix(0, 0)) {
			t.Errorf("%q ends at %v", token, ends)
		}
	})
}
