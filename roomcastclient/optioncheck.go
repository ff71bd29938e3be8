package roomcastclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/roomcast/roomcast/internal/protocol"
)

// withDefaults returns a copy with the defaults filled in. The error says which
// option is invalid.
func (o Options) withDefaults() (Options, error) {
	if err := o.checkTarget(); err != nil {
		return o, err
	}
	if o.URLFunc == nil {
		fixed := o.URL
		o.URLFunc = func(context.Context) (string, error) { return fixed, nil }
	}
	if o.now == nil {
		o.now = func() time.Time { return time.Now().Round(0) } // without the monotonic clock
	}
	if o.HTTPClient == nil {
		o.HTTPClient = http.DefaultClient
	}
	for _, d := range o.durations() {
		if *d.value == 0 {
			*d.value = d.standard
		}
		if *d.value < d.least || *d.value > d.most {
			return o, fmt.Errorf("roomcast: invalid Options.%s %v: expected %v to %v", d.name, *d.value, d.least, d.most)
		}
	}
	if o.MaxQueued == 0 {
		o.MaxQueued = 100
	}
	if o.MaxQueued < 0 {
		return o, fmt.Errorf("roomcast: invalid Options.MaxQueued %d: expected 1 or more", o.MaxQueued)
	}
	return o, nil
}

// checkTarget checks the options that name the stack and the user.
func (o *Options) checkTarget() error {
	switch {
	case o.URL == "" && o.URLFunc == nil:
		return errors.New("roomcast: Options.URL is missing: set it to the WebSocket URL of the stack, wss://HOST/STAGE")
	case o.URL != "" && o.URLFunc != nil:
		return errors.New("roomcast: Options.URL and Options.URLFunc are both set: set one of them")
	case o.UserID != "" && o.Token != nil:
		return errors.New("roomcast: Options.UserID and Options.Token are both set: the token says who connects, so leave UserID empty")
	}
	if o.URL != "" {
		if _, err := parseURL("Options.URL", o.URL); err != nil {
			return fmt.Errorf("roomcast: %w", err)
		}
	}
	if o.UserID != "" {
		if err := protocol.CheckUserID("Options.UserID", o.UserID); err != nil {
			return fmt.Errorf("roomcast: invalid %s", err.(*protocol.Error).Message)
		}
	}
	return nil
}

// durationOption is an option that is a duration, with its default and limits.
type durationOption struct {
	name        string
	value       *time.Duration
	standard    time.Duration
	least, most time.Duration
}

func (o *Options) durations() []durationOption {
	return []durationOption{
		{"ConnectTimeout", &o.ConnectTimeout, 10 * time.Second, time.Millisecond, 10 * time.Minute},
		{"RetryBase", &o.RetryBase, 500 * time.Millisecond, time.Millisecond, time.Hour},
		{"RetryMax", &o.RetryMax, 20 * time.Second, time.Millisecond, time.Hour},
		{"RequestTimeout", &o.RequestTimeout, 10 * time.Second, time.Millisecond, time.Minute},
		{"CallTimeout", &o.CallTimeout, 30 * time.Second, time.Millisecond, time.Hour},
		{"QueueTimeout", &o.QueueTimeout, 2 * time.Hour, time.Millisecond, 24 * time.Hour},
		{"PingInterval", &o.PingInterval, 5 * time.Minute, time.Second, 10 * time.Minute},
		{"ProbeTimeout", &o.ProbeTimeout, 3 * time.Second, time.Millisecond, time.Minute},
		{"GapTimeout", &o.GapTimeout, 300 * time.Millisecond, time.Millisecond, time.Minute},
		{"RolloverAfter", &o.RolloverAfter, 110 * time.Minute, time.Millisecond, 2 * time.Hour},
		{"CursorInterval", &o.CursorInterval, 50 * time.Millisecond, time.Millisecond, time.Minute},
	}
}
