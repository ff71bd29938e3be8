package realtimetest

import "github.com/roomcast/roomcast/internal/realtime/delivery/deliverytest"

type (
	// Poster records the frames that it is to post.
	Poster = deliverytest.Poster
	// Queue records the jobs that it is given.
	Queue = deliverytest.Queue
)
