package report

import (
	"fmt"
	"strings"

	"github.com/roomcast/roomcast/internal/lab/bench"
	"github.com/roomcast/roomcast/internal/lab/bench/auth"
	"github.com/roomcast/roomcast/internal/lab/bench/fanout"
	"github.com/roomcast/roomcast/internal/lab/bench/gobench"
	"github.com/roomcast/roomcast/internal/lab/bench/polling"
	"github.com/roomcast/roomcast/internal/lab/results"
)

// each decodes every file and calls f with it.
func each[R any](files []results.File, f func(file results.File, r R)) error {
	for _, file := range files {
		var r R
		if err := file.Decode(&r); err != nil {
			return err
		}
		f(file, r)
	}
	return nil
}

func (p *page) start(files []results.File) error {
	var rows [][]string
	err := each(files, func(_ results.File, r struct {
		SynthSeconds, ReadySeconds float64
	}) {
		rows = append(rows, []string{number(r.SynthSeconds, 1) + " s", number(r.ReadySeconds, 1) + " s"})
	})
	p.table([]string{"synthesis, with the build of the handlers", "ready, from the start of the command"}, rows)
	return err
}

func (p *page) chat(files []results.File) error {
	var rows [][]string
	err := each(files, func(_ results.File, r bench.ChatResult) {
		units := []string{none, none}
		if u := r.UnitsPerMessage; u != nil {
			units = []string{number(u.Write, 2), number(u.Read, 2)}
		}
		rows = append(rows, append([]string{
			number(r.Users, 0), number(r.RoomSize, 0), number(r.Rate, 0),
			fmt.Sprintf("%s of %s", number(r.Delivered, 0), number(r.Expected, 0)), number(r.Duplicates, 0),
			ms(r.Delivery.P50), ms(r.Delivery.P99), ms(r.Ack.P50), ms(r.ColdStart),
		}, units...))
	})
	p.text("\nEach user sends one message to a room.\n")
	p.table([]string{"users", "members of a room", "messages a second", "deliveries", "doubled", "delivery, p50", "p99", "ack, p50", "first ack of a cold stack", "write units a message", "read units"}, rows)
	return err
}

func (p *page) fanout(files []results.File) error {
	var sizes, bills, clients [][]string
	err := each(files, func(_ results.File, r fanout.Result) {
		for _, s := range r.Sizes {
			members := number(s.Members, 0)
			floor := none
			if s.Posts != nil {
				floor = ratio(s.Posts.WallToFloor)
				clients = append(clients, clientRow(members, s.Posts))
			}
			sizes = append(sizes, []string{
				members, number(s.Shards, 0), ms(s.Wall.P50), ms(s.Wall.Min), ms(s.Wall.Max), number(s.DeliveriesPerSecond, 0), floor,
				ms(s.Ack.P50), number(s.CPUPerPost, 0) + " µs", broadcastMemory(s),
			})
			b := s.PerMessage
			bills = append(bills, []string{
				members, number(b.WriteUnits, 1), number(b.ReadUnits, 1), number(b.QueueRequests, 1), number(b.BilledMessages, 0),
				number(b.FunctionCalls, 1), number(b.GBSeconds, 3),
			})
		}
	})
	p.text("\n<img src=\"./images/fanout.svg\" width=\"720\" alt=\"Time from send to last delivery for 10 to 100,000 members, and the floor\">\n")
	p.text("\nA message to a room of so many members, without tokens and limits:\n")
	p.table([]string{"members", "shards", "last delivery, p50", "min", "max", "deliveries a second", "over the floor", "ack, p50", "functions' CPU a member", "memory of BroadcastFunction"}, sizes)
	p.text("\nWhat AWS would bill for it:\n")
	p.table([]string{"members", "write units", "read units", "queue requests", "messages", "function calls", "GB-s"}, bills)
	if len(clients) > 0 {
		p.text("\nCPU and allocations of one post, by client:\n")
		p.table([]string{"members", "concurrent posts", "raw sockets", "poster", "AWS SDK, tuned", "AWS SDK, as it comes", "poster / raw", "poster / SDK tuned"}, clients)
	}
	return err
}

func clientRow(members string, p *fanout.Posts) []string {
	row := []string{members, number(p.Concurrency, 0)}
	for _, name := range []string{"floor", "poster", "sdk", "sdkUntuned"} {
		c := p.Clients[name]
		row = append(row, fmt.Sprintf("%s µs, %s", number(c.CPUPerPost, 0), number(c.AllocsPerPost, 0)))
	}
	return append(row, ratio(p.CPUToFloor), ratio(p.CPUToSDK))
}

func broadcastMemory(s fanout.Size) string {
	for _, f := range s.Functions {
		if strings.Contains(strings.ToLower(f.Handler), "broadcast") {
			return number(float64(f.PeakBytes)/(1<<20), 0) + " MiB"
		}
	}
	return "not used"
}

func (p *page) neighbour(files []results.File) error {
	var rows [][]string
	err := each(files, func(f results.File, r fanout.NeighbourResult) {
		latency := "5 ms"
		if _, after, ok := strings.Cut(f.Command, "--post-latency "); ok {
			latency = strings.Replace(strings.Fields(after)[0], "ms", " ms", 1)
		}
		rows = append(rows, []string{
			latency, number(r.Large, 0), ms(r.Quiet.P50), ms(r.Loud.P50), ms(r.Quiet.P99), ms(r.Loud.P99), ratio(r.P50Ratio), ratio(r.P99Ratio),
		})
	})
	p.text("\nA room of 10 chats at 20 messages a second, alone and during broadcasts to a large room, one after another. The aim is a p99 at most twice as long.\n")
	p.table([]string{"a post takes", "large room", "p50 alone", "p50", "p99 alone", "p99", "p50, ratio", "p99, ratio"}, rows)
	return err
}

func (p *page) auth(files []results.File) error {
	var attacks, floods [][]string
	for i, file := range files {
		var r auth.Result
		if err := file.Decode(&r); err != nil {
			return err
		}
		if i == 0 {
			p.handshakes(r)
		}
		a := r.Attack
		run := number(i+1, 0)
		attacks = append(attacks, []string{
			run, both(a.Quiet), both(a.Elsewhere), both(a.Loud), ratio(a.OverElsewhere.P50) + " and " + ratio(a.OverElsewhere.P99),
			ratio(a.OverQuiet.P50) + " and " + ratio(a.OverQuiet.P99), fmt.Sprintf("%s of %s", number(a.Missing, 0), number(a.Missing+a.Deliveries, 0)),
		})
		f := a.Flood
		floods = append(floods, []string{
			run, number(f.Frames, 0), number(f.Accepted, 1), number(f.Units.Write, 0), number(f.Units.Read, 0), number(f.Invocations, 0),
			number(f.Function/1000, 1) + " s", number(f.GBSeconds, 1),
		})
	}
	p.text("\nDeliveries in a room of 10, p50 and p99: alone, while a client floods another stack on the same machine, and while it floods another room of the same stack.\n")
	p.table([]string{"run", "alone", "other stack flooded", "same stack flooded", "ratio to the other stack", "ratio to alone", "missing"}, attacks)
	p.text("\nA second of the flood:\n")
	p.table([]string{"run", "frames", "accepted", "write units", "read units", "function calls", "time of functions", "GB-s"}, floods)
	return nil
}

func both(l bench.Latency) string { return ms(l.P50) + " and " + ms(l.P99) }

func (p *page) handshakes(r auth.Result) {
	var rows [][]string
	for _, h := range []struct {
		name string
		auth.Handshake
	}{{"open", r.Handshakes.Open}, {"HS256", r.Handshakes.Secret}, {"RS256", r.Handshakes.Keys}} {
		rows = append(rows, []string{
			h.name, ms(h.Function.P50), ms(h.Authorizer.P50), ms(h.Added), ratio(h.Ratio), ms(h.Wall.P50), ms(h.Wall.P99), number(h.Units.Write, 0),
		})
	}
	p.text("\nA handshake:\n")
	p.table([]string{" tokens", "function time, p50", "the authorizer's part", "more than open", "ratio to open", "connected, p50", "p99", "write units"}, rows)
	m := r.Messages
	var units [][]string
	for _, u := range []struct {
		name string
		bench.Units
	}{{"without a limit", m.Open}, {"with permissions and a limit", m.Secret}, {"over the rate", m.TooMany.Units}, {"forbidden", m.Forbidden.Units}} {
		units = append(units, []string{u.name, number(u.Write, 1), number(u.Read, 1)})
	}
	p.text("\nA message to a room of one:\n")
	p.table([]string{" message", "write units", "read units"}, units)
}

func (p *page) recovery(files []results.File) error {
	var rows [][]string
	err := each(files, func(_ results.File, r bench.RecoveryResult) {
		rows = append(rows, []string{
			number(r.Missed, 0), number(r.Bytes, 0), ms(r.Recovery.P50), ms(r.Recovery.Max), number(r.Units.Read, 1), number(r.LeastReadUnits, 1),
		})
	})
	p.text("\nA client comes back to a room in which it missed messages.\n")
	p.table([]string{"missed messages", "bytes each", "until it has them, p50", "max", "read units", "read units of the bytes alone"}, rows)
	return err
}

func (p *page) polling(files []results.File) error {
	return each(files, func(_ results.File, r polling.Result) {
		p.text(fmt.Sprintf("\n%s users, one update of %d bytes a minute each, for %s s; polling every %s s.\n", number(r.Users, 0), r.Bytes, number(r.Seconds, 0), number(r.Interval, 0)))
		ws, poll := r.WebSocket, r.Polling
		row := func(name string, value func(polling.Side) string) []string {
			return []string{name, value(ws), value(poll)}
		}
		p.table([]string{" ", "WebSocket", "polling"}, [][]string{
			row("requests", func(s polling.Side) string { return number(s.Requests, 0) }),
			row("connections opened", func(s polling.Side) string { return number(s.Connections, 0) }),
			row("bytes a minute", func(s polling.Side) string { return kilobytes(s.BytesPerMinute) }),
			row("up", func(s polling.Side) string { return kilobytes(float64(s.Wire.Up)) }),
			row("down", func(s polling.Side) string { return kilobytes(float64(s.Wire.Down)) }),
			row("bytes to open the connections", func(s polling.Side) string { return kilobytes(float64(s.Connecting.Up + s.Connecting.Down)) }),
			row("update to arrival, p50", func(s polling.Side) string { return ms(s.Latency.P50) }),
			row("p99", func(s polling.Side) string { return ms(s.Latency.P99) }),
			row("updates that arrived", func(s polling.Side) string { return number(s.Arrived, 0) + " of " + number(s.Updates, 0) }),
			row("30 days on AWS", func(s polling.Side) string { return "$" + number(s.PerMonth.Total, 0) }),
		})
		p.text(fmt.Sprintf("\nA WebSocket saves %s of the requests, with its connection counted as one, and %s of the bytes.\n", percent(r.FewerRequests), percent(r.FewerBytes)))
	})
}

func (p *page) gateway(files []results.File) error {
	var rows [][]string
	err := each(files, func(_ results.File, r bench.GatewayResult) {
		rows = append(rows, []string{
			number(r.Connections, 0), number(float64(r.ResidentBytesPerConnection)/(1<<10), 1) + " KiB", number(r.ConnectsPerSecond, 0),
			number(r.PostsPerSecond, 0), ms(r.Post.P50), ms(r.Post.P99),
		})
	})
	p.table([]string{"idle connections", "memory of each", "new connections a second", "signed posts a second, from another process", "a post, p50", "p99"}, rows)
	return err
}

func (p *page) gobench(files []results.File) error {
	var rows [][]string
	err := each(files, func(f results.File, r gobench.Result) {
		for _, b := range r.Benchmarks {
			var figures []string
			for _, figure := range b.Figures {
				figures = append(figures, readable(figure))
			}
			rows = append(rows, []string{"`" + b.Name + "`", number(b.Runs, 0), strings.Join(figures, ", ")})
		}
	})
	p.table([]string{" benchmark", "runs", " figures"}, rows)
	return err
}

// readable writes a figure of a Go benchmark in a unit that people read.
func readable(f gobench.Figure) string {
	switch {
	case f.Unit == "ns/op" && f.Value >= 1e6:
		return number(f.Value/1e6, 1) + " ms"
	case f.Unit == "ns/op" && f.Value >= 1e3:
		return number(f.Value/1e3, 1) + " µs"
	case f.Unit == "ns/op":
		return number(f.Value, 0) + " ns"
	case f.Value >= 100 || f.Value == float64(int64(f.Value)):
		return number(f.Value, 0) + " " + f.Unit
	default:
		return number(f.Value, 2) + " " + f.Unit
	}
}
