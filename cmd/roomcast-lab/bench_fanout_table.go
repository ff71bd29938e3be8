package main

import (
	"fmt"
	"io"

	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
)

// printFanout writes a result for people.
func printFanout(w io.Writer, r fanout.Result) {
	fmt.Fprintf(w, "%d CPUs for everything; messages of %d bytes\n", r.CPUs, r.MessageBytes)
	for _, s := range r.Sizes {
		fmt.Fprintf(w, "\n%d members in %d room(s) of %d shard(s), %d messages\n", s.Members, s.Rooms, s.Shards, s.Messages)
		fmt.Fprintf(w, "  last delivery  p50 %.1f ms, min %.1f, max %.1f: %.0f deliveries a second; %d missing, %d doubled\n",
			s.Wall.P50, s.Wall.Min, s.Wall.Max, s.DeliveriesPerSecond, s.Missing, s.Doubled)
		fmt.Fprintf(w, "  ack            p50 %.1f ms, min %.1f, max %.1f\n", s.Ack.P50, s.Ack.Min, s.Ack.Max)
		fmt.Fprintf(w, "  functions      %.1f us of CPU for each member\n", s.CPUPerPost)
		for _, f := range s.Functions {
			fmt.Fprintf(w, "    %-12s %d process(es), %.0f ms of CPU, at most %.1f MiB resident\n", f.Handler, f.Processes, f.CPU, mebibytes(f.PeakBytes))
		}
		b := s.PerMessage
		fmt.Fprintf(w, "  a message      %.1f write units, %.1f read units, %.1f queue requests, %.0f billed messages, %.1f function calls, %.3f GB-s\n",
			b.WriteUnits, b.ReadUnits, b.QueueRequests, b.BilledMessages, b.FunctionCalls, b.GBSeconds)
		if s.Posts != nil {
			printPosts(w, *s.Posts)
		}
	}
}

func printPosts(w io.Writer, p fanout.Posts) {
	fmt.Fprintf(w, "  floor          p50 %.1f ms, min %.1f, max %.1f with %d posts in flight; last delivery took %.2f times as long\n",
		p.Floor.P50, p.Floor.Min, p.Floor.Max, p.Concurrency, p.WallToFloor)
	fmt.Fprintf(w, "  %d posts a round, nothing else:\n", p.PostsEach)
	for _, c := range []struct{ name, label string }{
		{"floor", "raw sockets"}, {"poster", "poster"}, {"sdk", "SDK, tuned"}, {"sdkUntuned", "SDK, as it comes"},
	} {
		client := p.Clients[c.name]
		fmt.Fprintf(w, "    %-17s %6.1f us of CPU, %6.1f allocations, %7.0f bytes a post; p50 %.0f ms\n", c.label,
			client.CPUPerPost, client.AllocsPerPost, client.BytesPerPost, client.Wall.P50)
	}
	fmt.Fprintf(w, "    the poster's CPU is %.2f of the floor's, %.2f of the tuned SDK's, %.2f of the untuned SDK's\n", p.CPUToFloor, p.CPUToSDK, p.CPUToSDKUntuned)
}

func printNeighbour(w io.Writer, r fanout.NeighbourResult) {
	fmt.Fprintf(w, "%d members chat, %.0f messages a second; %d deliveries, %d missing\n", r.Small, r.Rate, r.Deliveries, r.Missing)
	fmt.Fprintf(w, "alone           p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", r.Quiet.P50, r.Quiet.P99, r.Quiet.Max)
	fmt.Fprintf(w, "broadcasts      p50 %.1f ms, p99 %.1f ms, max %.1f ms; %.2f and %.2f times as long\n",
		r.Loud.P50, r.Loud.P99, r.Loud.Max, r.P50Ratio, r.P99Ratio)
	fmt.Fprintf(w, "                %d to %d members, p50 %.0f ms each\n", r.Broadcasts, r.Large, r.Broadcast.P50)
}
