package chaos

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/roomcast/roomcast/roomcastclient"
)

// ackEvery is how often notifications are acknowledged, ackMost the most at once.
const (
	ackEvery = 500 * time.Millisecond
	ackMost  = 100
)

// acknowledger acknowledges a user's notification when all devices of the user
// have it.
type acknowledger struct {
	mu      sync.Mutex
	devices map[string][]*device                  // by user
	given   map[string]map[string]map[string]bool // by user, id and device
	acked   map[string]map[string]bool            // by user and id
}

func newAcknowledger() *acknowledger {
	return &acknowledger{devices: map[string][]*device{}, given: map[string]map[string]map[string]bool{}, acked: map[string]map[string]bool{}}
}

func (k *acknowledger) add(d *device) { k.devices[d.plan.User] = append(k.devices[d.plan.User], d) }

// received records that a device got a notification.
func (k *acknowledger) received(user, device, id string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.given[user] == nil {
		k.given[user] = map[string]map[string]bool{}
	}
	if k.given[user][id] == nil {
		k.given[user][id] = map[string]bool{}
	}
	k.given[user][id][device] = true
}

// work acknowledges the complete notifications of a user, until ctx ends.
func (k *acknowledger) work(ctx context.Context, user string) {
	devices := k.devices[user]
	if devices[0].plan.Hoards {
		return
	}
	for turn := 0; ctx.Err() == nil; turn++ {
		select {
		case <-ctx.Done():
			return
		case <-time.After(ackEvery):
		}
		client := devices[turn%len(devices)].current()
		ids := k.complete(user)
		if client == nil || len(ids) == 0 {
			continue
		}
		err := client.Acknowledge(ctx, ids...)
		// After a lost answer, the second try finds it acknowledged.
		if err == nil || roomcastclient.CodeOf(err) == roomcastclient.CodeUnknownNotification {
			k.acknowledged(user, ids)
		}
	}
}

// complete returns notifications that every device of a user has and that are not
// acknowledged, at most ackMost.
func (k *acknowledger) complete(user string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	var ids []string
	for id, devices := range k.given[user] {
		if len(devices) == len(k.devices[user]) && !k.acked[user][id] {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids[:min(len(ids), ackMost)]
}

func (k *acknowledger) acknowledged(user string, ids []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.acked[user] == nil {
		k.acked[user] = map[string]bool{}
	}
	for _, id := range ids {
		k.acked[user][id] = true
	}
}

// isEmpty reports whether nothing is left to acknowledge.
func (k *acknowledger) isEmpty() bool {
	for user, devices := range k.devices {
		if !devices[0].plan.Hoards && len(k.complete(user)) > 0 {
			return false
		}
	}
	return true
}
