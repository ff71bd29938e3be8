package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// moments are the times at which something happens that does so at a rate, at
// random.
func moments(random *rand.Rand, rate float64, length time.Duration) []time.Duration {
	var at []time.Duration
	for t := random.ExpFloat64() / rate; t < length.Seconds(); t += random.ExpFloat64() / rate {
		at = append(at, time.Duration(t*float64(time.Second)))
	}
	return at
}

// size is that of a message: mostly a line, at times so large that a page has
// room for two.
func size(random *rand.Rand) int {
	switch n := random.IntN(100); {
	case n < 88:
		return 20 + random.IntN(200)
	case n < 98:
		return 1<<10 + random.IntN(3<<10)
	}
	return 12<<10 + random.IntN(4<<10)
}

// recipients are the users of a notification. The one who acknowledges nothing
// is among them often, so that the inbox fills.
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
