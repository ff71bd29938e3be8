package backend

import (
	"fmt"
	"math"
	"strconv"

	"github.com/roomcast/roomcast/internal/protocol"
	"github.com/roomcast/roomcast/internal/realtime/limits"
	"github.com/roomcast/roomcast/internal/settings"
)

// limitsFromEnv reads the limits. A limit that is not set keeps its default. 0 means no
// limit, for those that may be unlimited.
func limitsFromEnv(getenv func(string) string) (limits.Limits, error) {
	var l limits.Limits
	for _, v := range []struct {
		name     string
		min, max int64
		into     *int
	}{
		{settings.MessageRate, 0, math.MaxInt32, &l.MessageRate},
		{settings.MessageBurst, 2, math.MaxInt32, &l.MessageBurst},
		{settings.FrameRate, 0, math.MaxInt32, &l.FrameRate},
		{settings.CursorRate, 0, math.MaxInt32, &l.CursorRate},
		{settings.CursorMembers, 0, math.MaxInt32, &l.CursorMembers},
		{settings.CursorPosts, 0, math.MaxInt32, &l.CursorPosts},
		{settings.ConnectionsPerIP, 0, maxSlots, &l.ConnectionsPerIP},
		{settings.ConnectionsPerUser, 0, maxSlots, &l.ConnectionsPerUser},
		{settings.RoomsPerConnection, 1, math.MaxInt32, &l.RoomsPerConnection},
		{settings.MembersPerRoom, 0, maxSlots, &l.MembersPerRoom},
		{settings.MaxMessageBytes, 1, protocol.MaxMessage, &l.MaxMessageBytes},
		{settings.NotifyUsers, 1, protocol.MaxUserIDs, &l.NotifyUsers},
	} {
		n, set, err := whole(getenv, v.name, v.min, v.max)
		if err != nil {
			return limits.Limits{}, err
		}
		if set && n == 0 {
			n = limits.Unlimited
		}
		*v.into = int(n)
	}
	return l, nil
}

// maxSlots is the largest quota: the numbers of its slots have six digits in the table.
const maxSlots = 1_000_000

// whole reads a whole number from least to most, and reports whether it is set.
func whole(getenv func(string) string, name string, least, most int64) (n int64, set bool, err error) {
	text := getenv(name)
	if text == "" {
		return 0, false, nil
	}
	n, err = strconv.ParseInt(text, 10, 64)
	switch {
	case err == nil && n >= least && n <= most:
		return n, true, nil
	case most == math.MaxInt32:
		return 0, false, fmt.Errorf("the environment variable %s must be a whole number, %d or more, got %q", name, least, text)
	}
	return 0, false, fmt.Errorf("the environment variable %s must be a whole number from %d to %d, got %q", name, least, most, text)
}
