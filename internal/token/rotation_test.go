package token

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/roomcast/roomcast/internal/token/tokentest"
)

// check verifies a token, and compares the error.
func check(t *testing.T, what string, v *Verifier, text string, want error) {
	t.Helper()
	if _, err := v.Verify(t.Context(), text); !errors.Is(err, want) {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}

// long are claims that are valid for a day.
func long(c *clock) map[string]any {
	return good(c, map[string]any{"exp": c.Now().Add(24 * time.Hour).Unix()})
}

// wasAsked checks how often the keys were fetched.
func wasAsked(t *testing.T, p *tokentest.Provider, when string, want int64) {
	t.Helper()
	if n := p.Asked(); n != want {
		t.Errorf("%s: the keys were fetched %d times, want %d", when, n, want)
	}
}

func TestRotationOfKeys(t *testing.T) {
	t.Parallel()
	c := newClock()
	p := tokentest.NewProvider(t, tokentest.Public(t, "old", rsaKey))
	v := withKeys(t, c, p)
	wasAsked(t, p, "before a token", 0)
	old := tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, long(c), named("old"))
	newer := tokentest.Sign(t, jwt.SigningMethodRS256, rsaOther, long(c), named("new"))
	madeUp := tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, long(c), named("x"))
	check(t, "the old key", v, old, nil)
	check(t, "a key to come", v, newer, UnknownKey)
	wasAsked(t, p, "within a minute", 1)

	// The provider publishes both, then signs with the new one.
	p.Publish(t, tokentest.Public(t, "old", rsaKey), tokentest.Public(t, "new", rsaOther))
	c.pass(59 * time.Second)
	check(t, "the new key within a minute", v, newer, UnknownKey)
	c.pass(time.Second)
	check(t, "the new key", v, newer, nil)
	check(t, "the old key beside the new one", v, old, nil)
	wasAsked(t, p, "after the rotation", 2)

	// Invented kids cost one fetch a minute.
	for range 180 {
		check(t, "a made-up kid", v, madeUp, UnknownKey)
		c.pass(time.Second)
	}
	wasAsked(t, p, "after three minutes of made-up kids", 4)

	// The old key is withdrawn: it is accepted until the keys are an hour old.
	p.Publish(t, tokentest.Public(t, "new", rsaOther))
	c.pass(time.Minute)
	check(t, "a key that was taken back", v, old, nil)
	c.pass(time.Hour)
	check(t, "a key that was taken back an hour ago", v, old, UnknownKey)
	check(t, "the key that is left", v, newer, nil)
}

// TestRotationWithoutKids has a provider that names no keys.
func TestRotationWithoutKids(t *testing.T) {
	t.Parallel()
	c := newClock()
	p := tokentest.NewProvider(t, tokentest.Public(t, "", rsaKey))
	v := withKeys(t, c, p)
	check(t, "the old key", v, tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c), nil), nil)
	p.Publish(t, tokentest.Public(t, "", rsaOther))
	c.pass(time.Minute)
	check(t, "the new key", v, tokentest.Sign(t, jwt.SigningMethodRS256, rsaOther, good(c), nil), nil)
	check(t, "a kid where none are named", v, tokentest.Sign(t, jwt.SigningMethodRS256, rsaOther, good(c), named("x")), UnknownKey)
}

// TestProviderDown keeps the known keys.
func TestProviderDown(t *testing.T) {
	t.Parallel()
	c := newClock()
	p := tokentest.NewProvider(t, tokentest.Public(t, "r", rsaKey))
	v := withKeys(t, c, p)
	text := tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, long(c), named("r"))
	down := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }

	p.Answer(down)
	check(t, "no keys", v, text, ErrUnavailable)
	check(t, "no keys, asked again at once", v, text, ErrUnavailable)
	wasAsked(t, p, "within a second", 1)
	p.Publish(t, tokentest.Public(t, "r", rsaKey))
	c.pass(time.Second)
	check(t, "keys a second later", v, text, nil)

	p.Answer(down)
	c.pass(2 * time.Hour)
	for range 3 {
		check(t, "old keys", v, text, nil)
	}
	wasAsked(t, p, "while it is down", 3)
	c.pass(time.Minute)
	check(t, "old keys a minute later", v, text, nil)
	wasAsked(t, p, "a minute later", 4)
}

// TestOldKeysAreNotWaitedFor lets one request fetch while the others continue.
func TestOldKeysAreNotWaitedFor(t *testing.T) {
	t.Parallel()
	c := newClock()
	p := tokentest.NewProvider(t, tokentest.Public(t, "r", rsaKey))
	v := withKeys(t, c, p)
	text := tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, long(c), named("r"))
	check(t, "fresh keys", v, text, nil)
	asked, release := make(chan struct{}), make(chan struct{})
	p.Answer(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		_, _ = w.Write(tokentest.KeySet(t, tokentest.Public(t, "r", rsaKey)))
	})
	c.pass(time.Hour)
	var one sync.WaitGroup
	one.Go(func() { check(t, "who fetches", v, text, nil) })
	<-asked
	check(t, "who does not wait", v, text, nil)
	close(release)
	one.Wait()
	wasAsked(t, p, "once old", 2)
}

// TestCallerGoesAway ends a request that waits for the keys, and one that
// fetches them: its fetch continues, because others wait for it.
func TestCallerGoesAway(t *testing.T) {
	t.Parallel()
	c := newClock()
	p := tokentest.NewProvider(t)
	v := withKeys(t, c, p)
	asked, release := make(chan struct{}), make(chan struct{})
	p.Answer(func(w http.ResponseWriter, _ *http.Request) {
		close(asked)
		<-release
		_, _ = w.Write(tokentest.KeySet(t, tokentest.Public(t, "r", rsaKey)))
	})
	text := tokentest.Sign(t, jwt.SigningMethodRS256, rsaKey, good(c), named("r"))
	ctx, cancel := context.WithCancel(t.Context())
	var first sync.WaitGroup
	first.Go(func() {
		if _, err := v.Verify(ctx, text); err != nil {
			t.Errorf("the caller that fetches: %v", err)
		}
	})
	<-asked
	cancel()
	if _, err := v.Verify(ctx, text); !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that waits and has gone: got %v", err)
	}
	close(release)
	first.Wait()
	check(t, "the next", v, text, nil)
	wasAsked(t, p, "in all", 1)
}

func TestRotationOfSecrets(t *testing.T) {
	t.Parallel()
	c := newClock()
	first, second, third := strings.Repeat("1", 40), strings.Repeat("2", 40), strings.Repeat("3", 40)
	var secrets atomic.Pointer[[]string]
	var asked atomic.Int64
	var failure atomic.Pointer[error]
	v := newVerifier(t, Config{Now: c.Now, Secrets: func(context.Context) ([]string, error) {
		asked.Add(1)
		if err := failure.Load(); err != nil {
			return nil, *err
		}
		return *secrets.Load(), nil
	}})
	rotate := func(all ...string) { secrets.Store(&all) }
	with := func(secret string) string { return mint(t, secret, good(c)) }
	fetched := func(when string, want int64) {
		t.Helper()
		if n := asked.Load(); n != want {
			t.Errorf("%s: fetched %d times, want %d", when, n, want)
		}
	}

	rotate(first)
	check(t, "the first", v, with(first), nil)
	check(t, "one to come", v, with(second), Signature)
	rotate(second, first)
	c.pass(time.Minute)
	check(t, "the second after the rotation", v, with(second), nil)
	check(t, "the first, signed before", v, with(first), nil)
	fetched("after a rotation", 2)
	for range 120 {
		check(t, "a forged one", v, with(third), Signature)
		c.pass(time.Second)
	}
	fetched("after two minutes of forged tokens", 3)

	// A second rotation invalidates the first secret within 5 minutes.
	rotate(third, second)
	check(t, "the first, from memory", v, with(first), nil)
	c.pass(5 * time.Minute)
	check(t, "the first, after 5 minutes", v, with(first), Signature)
	check(t, "the second", v, with(second), nil)
	fetched("after the second rotation", 4)

	down := errors.New("throttled")
	failure.Store(&down)
	c.pass(time.Hour)
	check(t, "while Secrets Manager is down", v, with(third), nil)
	fetched("while it is down", 5)
}

func TestSecretsUnavailable(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string]func(context.Context) ([]string, error){
		"none":    func(context.Context) ([]string, error) { return nil, nil },
		"short":   func(context.Context) ([]string, error) { return []string{secret, "swordfish"}, nil },
		"failing": func(context.Context) ([]string, error) { return nil, errors.New("throttled") },
	} {
		c := newClock()
		v := newVerifier(t, Config{Secrets: secrets, Now: c.Now})
		_, err := v.Verify(t.Context(), mint(t, secret, good(c)))
		if !errors.Is(err, ErrUnavailable) || strings.Contains(err.Error(), "swordfish") || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: got %v, want ErrUnavailable without a secret", name, err)
		}
	}
}
