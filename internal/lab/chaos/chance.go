package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// moments returns random times of events at a rate.
func moments(random *rand.Rand, rate float64, length time.Duration) []time.Duration {
	var at []time.Duration
	for t := random.ExpFloat64() / rate; t < length.Seconds(); t += random.ExpFloat64() / rate {
		at = append(at, time.Duration(t*float64(time.Second)))
	}
	return at
}

// size returns the size of a message: mostly a line, sometimes so large that a page
// holds two.
func size(random *rand.Rand) int {
	switch n := random.IntN(100); {
	case n < 88:
		return 20 + random.IntN(200)
	case n < 98:
		return 1<<10 + random.IntN(3<<10)
	}
	return 12<<10 + random.IntN(4<<10)
}

// recipients returns the users of a notification. The user who acknowledges nothing
// is among them often, so that its inbox fills.
func recipients(random *rand.Rand) []string {
	var users []string
	for range 1 + random.IntN(3) {
		n := random.IntN(userCount)
		if random.IntN(3) == 0 {
			n = userCount - 1
		}
		if user := fmt.Sprintf("u%02d", n+1); !slices.Contains(users, user) {
			users = append(users, user)
		}
	}
	return users
}

func pick[T any](random *rand.Rand, from []T) T { return from[random.IntN(len(from))] }

func between(random *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(random.Int64N(int64(most-least)))
}
